-- The grants of a body, those that end last first.
-- name: of_body
SELECT g.grant_id, g.order_id, g.case_id, g.level, g.body, g.purpose, g.by, g.at, g.until, c.number
FROM access_grant g JOIN case_file c ON c.case_id = g.case_id
WHERE g.body = %(body)s ORDER BY g.until DESC, g.grant_id LIMIT %(limit)s;

-- name: by_id
SELECT grant_id, order_id, case_id, level, body, purpose, by, at, until FROM access_grant WHERE grant_id = %(grant_id)s;

-- Write a reading down under a grant that lets this body read now, and give the grant; nothing when none does.
-- name: read
WITH granted AS (
    SELECT grant_id, order_id, case_id, level, body, purpose, by, at, until FROM access_grant
    WHERE grant_id = %(grant_id)s AND body = %(body)s AND until > %(now)s
), logged AS (
    INSERT INTO access_reading (grant_id, login, name, at) SELECT grant_id, %(login)s, %(name)s, %(now)s FROM granted
)
SELECT grant_id, order_id, case_id, level, body, purpose, by, at, until FROM granted;

-- The grants of an order with each reading, the newest reading first.
-- name: readings
SELECT g.grant_id, g.order_id, g.case_id, g.level, g.body, g.purpose, g.by, g.at, g.until, r.name AS reader, r.at AS read_at
FROM access_grant g LEFT JOIN access_reading r ON r.grant_id = g.grant_id
WHERE g.order_id = %(order_id)s ORDER BY g.at, g.grant_id, r.at DESC LIMIT %(limit)s;
