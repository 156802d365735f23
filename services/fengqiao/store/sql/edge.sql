-- name: ensure
INSERT INTO edge (neighbour) SELECT unnest(%(neighbours)s::text[]) ON CONFLICT (neighbour) DO NOTHING;

-- name: positions
SELECT neighbour, sent_seq, acked_seq, received_seq FROM edge ORDER BY neighbour;

-- name: status
SELECT edge.neighbour, edge.sent_seq, edge.acked_seq, edge.received_seq,
    coalesce(o.unpublished, 0) AS unpublished, o.oldest_at, coalesce(h.held, 0) AS held, coalesce(h.ahead, 0) AS ahead
FROM edge
LEFT JOIN (SELECT neighbour, count(*) AS unpublished, min(created_at) AS oldest_at FROM outbox GROUP BY neighbour) o
    ON o.neighbour = edge.neighbour
LEFT JOIN (
    SELECT neighbour, count(*) AS held, count(*) FILTER (WHERE state = 'ahead') AS ahead
    FROM inbox WHERE state IN ('ahead', 'waiting', 'parked') GROUP BY neighbour
) h ON h.neighbour = edge.neighbour
ORDER BY edge.neighbour;
