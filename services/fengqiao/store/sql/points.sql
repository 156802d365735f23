-- Entries of a time with what became of each, the newest first; of one unit, or waiting for a decision.
-- name: list
SELECT e.entry_id, e.case_id, c.number, c.title, e.unit, e.rule, e.points, e.limit_code, e.rung, e.reason, e.by, e.at,
    a.by AS appealed_by, a.at AS appealed_at, a.reason AS appeal_reason,
    d.upheld, d.by AS decided_by, d.at AS decided_at, d.reason AS decision_reason,
    r.entry_id IS NOT NULL AS reversed
FROM points_entry e JOIN case_file c ON c.case_id = e.case_id
LEFT JOIN points_appeal a ON a.entry_id = e.entry_id
LEFT JOIN points_decision d ON d.entry_id = e.entry_id
LEFT JOIN points_entry r ON r.reverses = e.entry_id
WHERE e.kind = 'deduction'
    AND (%(entry_id)s::uuid IS NULL OR e.entry_id = %(entry_id)s)
    AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
    AND (%(unit)s::text IS NULL OR e.unit = %(unit)s)
    AND (NOT %(waiting)s OR (a.entry_id IS NOT NULL AND d.entry_id IS NULL AND r.entry_id IS NULL))
ORDER BY e.at DESC, e.entry_id LIMIT %(limit)s;

-- Each unit's entries of a time, what was reversed of them, and the cases of the same time that it has had in hand.
-- name: sums
SELECT s.unit, s.entries, s.reversals, s.points,
    CASE WHEN s.unit = %(window)s
        THEN (SELECT count(*) FROM case_file WHERE role = 'holder' AND registered_at >= %(since)s)
        ELSE (SELECT count(*) FROM case_file WHERE role = 'holder' AND unit = s.unit AND unit <> ''
            AND registered_at >= %(since)s)
    END AS cases
FROM (
    SELECT e.unit, count(*) AS entries, count(r.entry_id) AS reversals,
        coalesce(sum(e.points) FILTER (WHERE r.entry_id IS NULL), 0) AS points
    FROM points_entry e LEFT JOIN points_entry r ON r.reverses = e.entry_id
    WHERE e.kind = 'deduction' AND e.at >= %(since)s GROUP BY e.unit
) s;

-- Entries of clocks on cases that have passed on since, at an instant before that of the entry.
-- name: disowned
SELECT e.entry_id, e.case_id FROM points_entry e
WHERE e.kind = 'deduction' AND e.limit_id IS NOT NULL AND e.at >= %(since)s
    AND NOT EXISTS (SELECT FROM points_entry r WHERE r.reverses = e.entry_id)
    AND EXISTS (
        SELECT FROM event v
        WHERE v.subject = e.case_id AND v.kind = 'offer_accepted' AND v.epoch > e.epoch AND v.at <= e.at
    )
ORDER BY e.at LIMIT %(limit)s;

-- name: waiting
SELECT count(*) AS many FROM points_appeal a
WHERE NOT EXISTS (SELECT FROM points_decision d WHERE d.entry_id = a.entry_id)
    AND NOT EXISTS (SELECT FROM points_entry r WHERE r.reverses = a.entry_id);
