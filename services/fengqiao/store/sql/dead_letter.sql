-- name: list
SELECT id, neighbour, seq, carrier, topic, partition, record_offset, type, subject, code, params, length(payload) AS payload_bytes,
    parked_at, state, closed_at
FROM dead_letter WHERE (%(all)s OR state = 'parked') AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s;

-- name: show
SELECT id, neighbour, seq, carrier, topic, partition, record_offset, type, subject, code, params, payload, parked_at, state, closed_at
FROM dead_letter WHERE id = %(id)s;

-- name: close
UPDATE dead_letter SET state = %(state)s, closed_at = %(now)s WHERE id = %(id)s AND state = 'parked' RETURNING neighbour, seq;

-- name: release
UPDATE inbox SET state = 'waiting', next_try_at = %(now)s, attempts = 0, reason = ''
WHERE neighbour = %(neighbour)s AND seq = %(seq)s AND state = 'parked';

-- name: skip
UPDATE inbox SET state = 'dropped', envelope = NULL, reason = 'dropped' WHERE neighbour = %(neighbour)s AND seq = %(seq)s AND state = 'parked';

-- name: unpublished
SELECT id, neighbour, coalesce(seq, 0) AS seq, type, code, payload FROM dead_letter WHERE published_at IS NULL ORDER BY id LIMIT %(limit)s;

-- name: published
UPDATE dead_letter SET published_at = %(now)s WHERE id = ANY(%(ids)s);

-- name: count
SELECT count(*) AS many FROM dead_letter WHERE state = 'parked';
