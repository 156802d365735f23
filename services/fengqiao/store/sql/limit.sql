-- Fire what is due, oldest first: each row's next rung, once; the row moves on to the rung after it. Several processes
-- share the work without waiting for each other. What an edit has moved meanwhile is seen as it stands now.
-- name: fire
WITH due AS (
    SELECT limit_id FROM case_limit WHERE next_fire_at <= %(now)s
    ORDER BY next_fire_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE case_limit SET fired = fired + 1, next_fire_at = fire_at[fired + 2]
    FROM due WHERE case_limit.limit_id = due.limit_id
    RETURNING case_limit.limit_id, case_id, code, rungs[fired] AS rung, fire_at[fired] AS fire_at, due_at
), fired AS (
    INSERT INTO limit_firing (limit_id, rung, case_id, code, fire_at, due_at, fired_at)
    SELECT limit_id, rung, case_id, code, fire_at, due_at, %(now)s FROM moved
    ON CONFLICT (limit_id, rung) DO NOTHING
    RETURNING code, rung, fire_at
), taken AS (
    SELECT count(*) AS many FROM moved
)
SELECT code, rung, round(extract(epoch FROM %(now)s - fire_at), 2)::float8 AS late_seconds, count(*) AS many, taken.many AS taken
FROM taken LEFT JOIN fired ON true GROUP BY code, rung, late_seconds, taken.many;

-- When the sweeper has to look again, and whether something that fired still waits for its consequences.
-- name: next
SELECT (SELECT next_fire_at FROM case_limit WHERE next_fire_at IS NOT NULL ORDER BY next_fire_at LIMIT 1) AS next_fire_at,
    EXISTS (SELECT FROM limit_firing WHERE told_at IS NULL) AS untold;

-- Firings whose consequences are to be told, held until those are saved.
-- name: untold
SELECT limit_id, rung, case_id, fire_at, due_at FROM limit_firing
WHERE told_at IS NULL ORDER BY fire_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

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

-- name: figures
SELECT code, count(*) AS running, count(*) FILTER (WHERE due_at < %(now)s) AS overdue, min(due_at) FILTER (WHERE due_at >= %(now)s) AS next_due_at
FROM case_limit WHERE NOT ended GROUP BY code;
