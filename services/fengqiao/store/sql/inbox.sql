-- Held messages that may be tried now: those whose time has come and that are the oldest of their subject.
-- name: due
SELECT neighbour, seq, attempts, envelope FROM inbox AS waiting
WHERE state = 'waiting' AND next_try_at <= %(now)s
    AND NOT EXISTS (SELECT FROM inbox AS earlier WHERE earlier.neighbour = waiting.neighbour AND earlier.subject = waiting.subject
                    AND earlier.seq < waiting.seq AND earlier.state IN ('ahead', 'waiting', 'parked'))
ORDER BY next_try_at, seq LIMIT %(limit)s;

-- name: ahead
SELECT neighbour, seq, envelope FROM inbox WHERE neighbour = %(neighbour)s AND state = 'ahead' ORDER BY seq;

-- name: counts
SELECT state, count(*) AS many FROM inbox WHERE state IN ('ahead', 'waiting', 'parked') GROUP BY state;

-- name: prune
DELETE FROM inbox WHERE state = 'done' AND taken_at < %(before)s;
