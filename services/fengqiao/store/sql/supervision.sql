-- What the facts of supervision in journals come to, in one statement; an order that is further already stays as it is.
-- name: save
WITH
orders AS (
    INSERT INTO supervision_order
        (order_id, case_id, centre, level, turn, ground, since, due_at, outcome, changed_at)
    SELECT order_id, case_id, centre, level, turn, ground, since, due_at, outcome, changed_at
    FROM json_populate_recordset(NULL::supervision_order, %(orders)s)
    ON CONFLICT (order_id) DO UPDATE SET
        level = excluded.level, turn = excluded.turn, ground = excluded.ground, since = excluded.since,
        due_at = excluded.due_at, outcome = excluded.outcome, changed_at = excluded.changed_at
    WHERE supervision_order.turn < excluded.turn AND supervision_order.centre = excluded.centre
),
entries AS (
    INSERT INTO points_entry
        (entry_id, kind, case_id, unit, rule, points, limit_id, limit_code, rung, reverses, by, at, epoch, reason)
    SELECT entry_id, kind, case_id, unit, rule, points, limit_id, limit_code, rung, reverses, by, at, epoch, reason
    FROM json_populate_recordset(NULL::points_entry, %(entries)s)
),
appeals AS (
    INSERT INTO points_appeal (entry_id, by, at, reason)
    SELECT entry_id, by, at, reason FROM json_populate_recordset(NULL::points_appeal, %(appeals)s)
),
decisions AS (
    INSERT INTO points_decision (entry_id, upheld, by, entered_by, appealed_by, at, reason)
    SELECT entry_id, upheld, by, entered_by, appealed_by, at, reason
    FROM json_populate_recordset(NULL::points_decision, %(decisions)s)
)
INSERT INTO access_grant (grant_id, order_id, case_id, level, body, purpose, by, at, until)
SELECT grant_id, order_id, case_id, level, body, purpose, by, at, until
FROM json_populate_recordset(NULL::access_grant, %(grants)s);

-- When the overseer has to look again: the first order whose level runs out, the first suspension that ends.
-- name: next
SELECT least(
    (SELECT due_at FROM supervision_order WHERE outcome IS NULL AND centre = %(centre)s AND level < %(top)s
        ORDER BY due_at LIMIT 1),
    (SELECT min((course -> 'suspension' ->> 'since')::timestamptz
            + (course -> 'suspension' ->> 'days')::integer * interval '24 hours')
        FROM case_file WHERE role = 'holder' AND course ? 'suspension')
) AS due_at;

-- name: due
SELECT order_id, case_id, turn FROM supervision_order
WHERE outcome IS NULL AND centre = %(centre)s AND level < %(top)s AND due_at <= %(now)s
ORDER BY due_at LIMIT %(limit)s;

-- Cases whose suspension has used up what was approved, and to what instant it went.
-- name: suspended
SELECT case_id, version, until FROM (
    SELECT case_id, version, (course -> 'suspension' ->> 'since')::timestamptz
        + (course -> 'suspension' ->> 'days')::integer * interval '24 hours' AS until
    FROM case_file WHERE role = 'holder' AND course ? 'suspension'
) s
WHERE until <= %(now)s ORDER BY until LIMIT %(limit)s;

-- name: open_orders
SELECT o.order_id, o.case_id, o.centre, o.level, o.turn, o.ground, o.since, o.due_at, o.outcome, o.changed_at,
    c.number, c.title, c.holder, c.unit
FROM supervision_order o JOIN case_file c ON c.case_id = o.case_id
WHERE NOT o.closed AND (%(level)s = 0 OR o.level = %(level)s)
ORDER BY o.level, o.due_at, o.order_id LIMIT %(limit)s;

-- name: order_by_id
SELECT o.order_id, o.case_id, o.centre, o.level, o.turn, o.ground, o.since, o.due_at, o.outcome, o.changed_at,
    c.number, c.title, c.holder, c.unit
FROM supervision_order o JOIN case_file c ON c.case_id = o.case_id WHERE o.order_id = %(order_id)s;

-- Red warnings of the last days that nobody has taken up: the case goes on, without an order and not reminded since.
-- name: red_warnings
SELECT v.subject AS case_id, max(v.at) AS at, count(*) AS many, min(v.details ->> 'limit') AS limit_code,
    c.number, c.title, c.holder, c.unit
FROM event v JOIN case_file c ON c.case_id = v.subject
WHERE v.kind = 'limit_breached' AND v.details ->> 'rung' = 'red' AND v.at >= %(since)s
    AND c.state <> 'resolved' AND c.role <> 'bystander'
    AND NOT EXISTS (SELECT FROM supervision_order o WHERE o.case_id = v.subject AND NOT o.closed)
    AND NOT EXISTS (SELECT FROM event r WHERE r.subject = v.subject AND r.kind = 'reminded' AND r.at >= v.at)
GROUP BY v.subject, c.number, c.title, c.holder, c.unit
ORDER BY at DESC, case_id LIMIT %(limit)s;

-- name: reminders
SELECT v.subject AS case_id, v.at, v.centre, v.actor, v.details ->> 'text' AS text, c.number, c.title, c.holder, c.unit
FROM event v JOIN case_file c ON c.case_id = v.subject
WHERE v.kind = 'reminded' AND v.at >= %(since)s ORDER BY v.at DESC LIMIT %(limit)s;

-- name: open_counts
SELECT level, count(*) AS many FROM supervision_order WHERE NOT closed AND centre = %(centre)s GROUP BY level;
