-- Number what is visible, in the order in which each case's decisions were made (ids of one case are drawn under its
-- row lock). Rows of transactions that are still open are seen next time: nothing is paged by id, so none is skipped.
-- Only the process that holds the lease numbers; the lease is only written when there is something to number. Should two
-- hold it under one name, the lock makes the second one look again, and nothing gets a number twice.
-- name: number
WITH mine AS (
    INSERT INTO lease (name, holder, until)
    SELECT 'relay', %(holder)s, %(until)s WHERE EXISTS (SELECT FROM outbox WHERE seq IS NULL)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.until < %(now)s OR lease.holder = excluded.holder
    RETURNING holder
), waiting AS (
    SELECT id, neighbour, row_number() OVER (PARTITION BY neighbour ORDER BY id) AS step
    FROM (SELECT id, neighbour FROM outbox WHERE seq IS NULL AND EXISTS (SELECT FROM mine)
          ORDER BY id LIMIT %(limit)s FOR UPDATE) seen
), moved AS (
    UPDATE edge SET sent_seq = edge.sent_seq + w.many
    FROM (SELECT neighbour, count(*) AS many FROM waiting GROUP BY neighbour) w
    WHERE edge.neighbour = w.neighbour
    RETURNING edge.neighbour, edge.sent_seq - w.many AS base
)
UPDATE outbox SET seq = moved.base + waiting.step
FROM waiting JOIN moved ON moved.neighbour = waiting.neighbour
WHERE outbox.id = waiting.id
RETURNING outbox.neighbour, outbox.seq, outbox.message_id, outbox.type, outbox.subject, outbox.urgent, outbox.body,
    outbox.created_at, outbox.traceparent;

-- name: numbered_after
SELECT neighbour, seq, message_id, type, subject, urgent, body, created_at, traceparent
FROM outbox WHERE neighbour = %(neighbour)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s;

-- Not waited for on the disk: what a crash of PostgreSQL takes back is sent once more, recognised, acknowledged again.
-- name: acknowledge
WITH soon AS (
    SELECT set_config('synchronous_commit', 'off', true) AS set
), moved AS (
    UPDATE edge SET acked_seq = %(receipt)s FROM soon
    WHERE soon.set = 'off' AND neighbour = %(neighbour)s AND acked_seq < %(receipt)s AND sent_seq >= %(receipt)s
    RETURNING neighbour
)
DELETE FROM outbox USING moved WHERE outbox.neighbour = moved.neighbour AND outbox.seq <= %(receipt)s;
