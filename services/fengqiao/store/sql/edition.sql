-- The numbers of what is in force, to see at little cost whether another process has brought something newer.
-- name: numbers
SELECT book, number FROM edition WHERE state = 'published';

-- What is in force of each book, and the drafts.
-- name: standing
SELECT book, number, edition_id, version, state, revision, rows, centre, drafted_by, drafted_at, published_by, published_at
FROM edition WHERE book = ANY(%(books)s) AND state IN ('draft', 'published') ORDER BY book, number;

-- The same, locked until the transaction ends.
-- name: standing_locked
SELECT book, number, edition_id, version, state, revision, rows, centre, drafted_by, drafted_at, published_by, published_at
FROM edition WHERE book = %(book)s AND state IN ('draft', 'published') ORDER BY book, number FOR UPDATE;

-- An edition as a whole, and the one before it.
-- name: with_previous
SELECT book, number, edition_id, version, state, revision, rows, centre, drafted_by, drafted_at, published_by, published_at
FROM edition WHERE book = %(book)s AND number <= %(number)s ORDER BY number DESC LIMIT 2;

-- name: list
SELECT book, number, edition_id, version, state, revision, '[]'::jsonb AS rows, centre, drafted_by, drafted_at, published_by,
    published_at
FROM edition WHERE book = %(book)s ORDER BY number DESC LIMIT %(limit)s;

-- Keep an edition, and note which children are told of it. A draft only follows on the revision before; what is published stays as it is, and one that comes after
-- a newer one is superseded already. Gives nothing when it was there, or when the draft has moved on.
-- name: put
WITH aged AS (
    UPDATE edition SET state = 'superseded'
    WHERE book = %(book)s AND state = 'published' AND number < %(number)s AND %(state)s = 'published'
    RETURNING number
), newer AS (
    SELECT EXISTS (SELECT FROM edition WHERE book = %(book)s AND state = 'published' AND number > %(number)s) AS there,
        (SELECT count(*) FROM aged) AS aged
), sent AS (
    INSERT INTO edition_sent (neighbour, number) SELECT unnest(%(told)s::text[]), %(number)s
    ON CONFLICT (neighbour) DO UPDATE SET number = greatest(edition_sent.number, excluded.number)
)
INSERT INTO edition (book, number, edition_id, version, state, revision, rows, centre, drafted_by, drafted_at, published_by,
    published_at, recorded_at)
SELECT %(book)s, %(number)s, %(edition_id)s, %(version)s,
    CASE WHEN %(state)s = 'published' AND newer.there THEN 'superseded' ELSE %(state)s END, %(revision)s,
    %(rows)s::jsonb, %(centre)s, %(drafted_by)s, %(drafted_at)s, %(published_by)s, %(published_at)s, %(now)s
FROM newer WHERE newer.aged >= 0
ON CONFLICT (book, number) DO UPDATE SET
    version = excluded.version, state = excluded.state, revision = excluded.revision, rows = excluded.rows,
    drafted_by = excluded.drafted_by, drafted_at = excluded.drafted_at, published_by = excluded.published_by,
    published_at = excluded.published_at, recorded_at = excluded.recorded_at
WHERE edition.state = 'draft' AND edition.revision = excluded.revision - 1 AND edition.edition_id = excluded.edition_id
RETURNING number;

-- name: drop_draft
DELETE FROM edition WHERE book = %(book)s AND state = 'draft' AND revision = %(revision)s RETURNING number;

-- Note what the children are sent; gives those that did not have it yet.
-- name: send
INSERT INTO edition_sent (neighbour, number) SELECT unnest(%(neighbours)s::text[]), %(number)s
ON CONFLICT (neighbour) DO UPDATE SET number = excluded.number WHERE edition_sent.number < excluded.number
RETURNING neighbour;

-- The newest cases that this centre has had, with where it sent each last: to a unit, up, or to a centre below.
-- name: past_cases
SELECT c.case_id, c.number, c.title, c.place, c.origin, c.kind, c.channel, c.course ->> 'item' AS item,
    c.course ->> 'grade' AS grade, e.kind AS done, e.details
FROM (
    SELECT case_id, number, title, place, origin, kind, channel, course, registered_at FROM case_file
    WHERE role IN ('holder', 'follower') ORDER BY registered_at DESC, case_id DESC LIMIT %(limit)s
) c
LEFT JOIN LATERAL (
    SELECT kind, details FROM event
    WHERE subject = c.case_id AND centre = %(centre)s AND (kind IN ('assigned', 'transferred', 'offered')
        OR (kind = 'registered' AND details ->> 'unit' <> ''))
    ORDER BY position DESC LIMIT 1
) e ON true
ORDER BY c.registered_at DESC, c.case_id DESC;
