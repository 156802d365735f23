-- Fire what is due, oldest first, each rung once. Several processes share the work without waiting for each other. What an
-- edit moves while this waits is no longer found at its place, and is looked at by the next sweep as it stands then.
-- An array of places and not a join with them, for which PostgreSQL may read the whole table.
-- name: fire
WITH fired AS (
    UPDATE limit_rung SET fired_at = %(now)s WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM limit_rung WHERE wake_at <= %(now)s AND fired_at IS NULL
        ORDER BY wake_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ))
    RETURNING code, rung, fire_at
)
SELECT code, rung, round(extract(epoch FROM %(now)s - fire_at), 2)::float8 AS late_seconds, count(*) AS many
FROM fired GROUP BY code, rung, late_seconds;

-- When the sweeper has to look again, and whether something that fired still waits for its consequences.
-- name: next
SELECT
    (SELECT wake_at FROM limit_rung WHERE fired_at IS NULL AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) AS fire_at,
    EXISTS (SELECT FROM limit_rung WHERE fired_at IS NOT NULL AND told_at IS NULL) AS untold;

-- Firings whose consequences are to be told, held until those are saved.
-- name: untold
SELECT limit_id, rung, case_id, code, fire_at, due_at FROM limit_rung
WHERE fired_at IS NOT NULL AND told_at IS NULL ORDER BY fire_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- Clocks that were derived before the newest notice on holidays was known. Not locked: a save locks the case first.
-- name: outdated
SELECT limit_id, case_id, due_at FROM case_limit
WHERE provisional_after < %(horizon)s ORDER BY provisional_after LIMIT %(limit)s;

-- name: running
SELECT l.limit_id, l.case_id, l.code, l.due_at, l.provisional_after IS NOT NULL AS provisional, c.number, c.title, c.unit,
    c.offer_to
FROM case_limit l JOIN case_file c ON c.case_id = l.case_id
WHERE NOT l.ended AND (%(code)s::text IS NULL OR l.code = %(code)s)
    AND (%(before)s::timestamptz IS NULL OR l.due_at <= %(before)s)
ORDER BY l.due_at, l.limit_id LIMIT %(limit)s;

-- Clocks that run, by code and by the class of their case (the first two digits of its item).
-- name: figures
SELECT l.code, coalesce(left(c.course ->> 'item', 2), '') AS class, count(*) AS running,
    count(*) FILTER (WHERE l.due_at < %(now)s) AS overdue,
    count(*) FILTER (WHERE l.provisional_after IS NOT NULL) AS provisional,
    min(l.due_at) FILTER (WHERE l.due_at >= %(now)s) AS next_due_at
FROM case_limit l JOIN case_file c ON c.case_id = l.case_id
WHERE NOT l.ended GROUP BY 1, 2;

-- Of the clocks that were due in a period: what became of them, or that they still run. What fell away or is judged
-- elsewhere is not asked for.
-- name: due_figures
SELECT l.code, coalesce(left(c.course ->> 'item', 2), '') AS class, coalesce(l.outcome, 'open') AS outcome, count(*) AS many
FROM case_limit l JOIN case_file c ON c.case_id = l.case_id
WHERE l.due_at > %(since)s AND l.due_at <= %(now)s AND coalesce(l.outcome, 'open') IN ('met', 'breached', 'open')
GROUP BY 1, 2, 3;
