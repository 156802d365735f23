-- What an audit reads: whole files with their journals in ranges of ids, both ends of each edge, what is held or parked.

-- Every so-many-th id, from which ranges of bounded size are cut.
-- name: case_marks
SELECT case_id AS id FROM (SELECT case_id, row_number() OVER (ORDER BY case_id) AS place FROM case_file) numbered
WHERE place %% %(every)s = 0 ORDER BY case_id;

-- name: directive_marks
SELECT directive_id AS id FROM (SELECT directive_id, row_number() OVER (ORDER BY directive_id) AS place FROM directive) numbered
WHERE place %% %(every)s = 0 ORDER BY directive_id;

-- name: cases
SELECT c.case_id AS id, to_json(c) AS file, (
    SELECT json_agg(e ORDER BY e.position) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details, hash FROM event WHERE subject = c.case_id
    ) e
) AS journal
FROM case_file c WHERE c.case_id > %(after)s AND c.case_id <= %(until)s ORDER BY c.case_id;

-- name: cases_by_id
SELECT c.case_id AS id, to_json(c) AS file, (
    SELECT json_agg(e ORDER BY e.position) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details, hash FROM event WHERE subject = c.case_id
    ) e
) AS journal
FROM case_file c WHERE c.case_id = ANY(%(subjects)s);

-- name: directives
SELECT d.directive_id AS id, to_json(d) AS file, (
    SELECT json_agg(e ORDER BY e.position) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details, hash FROM event WHERE subject = d.directive_id
    ) e
) AS journal
FROM directive d WHERE d.directive_id > %(after)s AND d.directive_id <= %(until)s ORDER BY d.directive_id;

-- name: directives_by_id
SELECT d.directive_id AS id, to_json(d) AS file, (
    SELECT json_agg(e ORDER BY e.position) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details, hash FROM event WHERE subject = d.directive_id
    ) e
) AS journal
FROM directive d WHERE d.directive_id = ANY(%(subjects)s);

-- Events that belong to nothing that is here.
-- name: strays
SELECT subject, count(*) AS many FROM event
WHERE NOT EXISTS (SELECT FROM case_file WHERE case_id = event.subject)
    AND NOT EXISTS (SELECT FROM directive WHERE directive_id = event.subject)
GROUP BY subject ORDER BY subject LIMIT %(limit)s;

-- Subjects of messages that are on their way, or that lie here unhandled.
-- name: under_way
SELECT subject FROM outbox UNION SELECT subject FROM inbox WHERE state IN ('ahead', 'waiting', 'parked') AND subject IS NOT NULL;

-- name: edges
SELECT edge.neighbour, edge.sent_seq, edge.acked_seq, edge.received_seq, coalesce(o.numbered, 0) AS numbered,
    coalesce(o.first_numbered, 0) AS first_numbered, coalesce(o.last_numbered, 0) AS last_numbered,
    coalesce(o.waiting, 0) AS waiting, o.oldest_at
FROM edge
LEFT JOIN (
    SELECT neighbour, count(seq) AS numbered, min(seq) AS first_numbered, max(seq) AS last_numbered,
        count(*) - count(seq) AS waiting, min(created_at) AS oldest_at
    FROM outbox GROUP BY neighbour
) o ON o.neighbour = edge.neighbour
ORDER BY edge.neighbour;

-- Received numbers that are not noted. Old rows are forgotten after a while, so only the neighbourhood of a row that is
-- too young for that tells of a gap; below the first row, the age of the database does.
-- name: gaps
SELECT neighbour, before, after FROM (
    SELECT i.neighbour, i.seq AS before, i.taken_at,
        lead(i.seq, 1, e.received_seq + 1) OVER (PARTITION BY i.neighbour ORDER BY i.seq) AS after
    FROM inbox i JOIN edge e ON e.neighbour = i.neighbour AND i.seq <= e.received_seq
) rows
WHERE after <> before + 1 AND taken_at > %(kept_since)s
UNION ALL
SELECT e.neighbour, 0, coalesce(min(i.seq), e.received_seq + 1)
FROM edge e LEFT JOIN inbox i ON i.neighbour = e.neighbour AND i.seq <= e.received_seq
WHERE e.received_seq > 0 AND (SELECT min(applied_at) FROM schema_migration) > %(kept_since)s
GROUP BY e.neighbour, e.received_seq HAVING coalesce(min(i.seq), e.received_seq + 1) > 1
LIMIT %(limit)s;

-- What is held; parked messages without an open letter come first, for nobody else would ever tell of them.
-- name: held
SELECT i.neighbour, i.seq, i.state, i.type, i.subject, i.reason, i.taken_at, l.has_letter
FROM inbox i CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM dead_letter d WHERE d.neighbour = i.neighbour AND d.seq = i.seq AND d.state = 'parked'
    ) AS has_letter
) l
WHERE i.state IN ('ahead', 'waiting', 'parked')
ORDER BY i.state <> 'parked' OR l.has_letter, i.neighbour, i.seq LIMIT %(limit)s;

-- name: letters
SELECT id, neighbour, seq, type, subject, code, topic, record_offset, parked_at FROM dead_letter
WHERE state = 'parked' ORDER BY id LIMIT %(limit)s;

-- Cases of an origin about which nothing was journalled since a while before it had told.
-- name: told_cases
SELECT c.case_id, c.number, c.epoch, c.version, c.journal_length FROM case_file c
WHERE c.origin = %(origin)s AND c.case_id > %(after)s AND c.case_id <= %(until)s
    AND NOT EXISTS (SELECT FROM event e WHERE e.subject = c.case_id AND e.recorded_at >= %(told_before)s);

-- name: facts
SELECT case_id, number, epoch, version, journal_length FROM fact
WHERE centre = %(origin)s AND case_id > %(after)s AND case_id <= %(until)s;

-- name: summarised
SELECT case_id FROM fact_summarised WHERE case_id > %(after)s AND case_id <= %(until)s;

-- Which of some cases are there.
-- name: present
SELECT case_id FROM case_file WHERE case_id = ANY(%(cases)s) AND origin = %(origin)s;

-- Sums of one origin that are not those of the facts that are there and of those that were summarised, in one snapshot.
-- name: tally_gaps
WITH made AS (
    SELECT (t ->> 0)::date AS since, t ->> 1 AS measure, t ->> 2 AS detail, t ->> 3 AS matter_class, count(*) AS many
    FROM fact f CROSS JOIN LATERAL jsonb_array_elements(f.tallied) AS t WHERE f.centre = %(origin)s GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT since, measure, detail, matter_class, many FROM fact_summary WHERE centre = %(origin)s
),
facts AS (
    SELECT since, measure, detail, matter_class, sum(many)::bigint AS many FROM made GROUP BY 1, 2, 3, 4
),
sums AS (
    SELECT since, measure, detail, matter_class, many FROM tally WHERE centre = %(origin)s
)
SELECT concat_ws(' ', since, measure, nullif(detail, ''), nullif(matter_class, '')) AS name,
    coalesce(t.many, 0) AS stands, coalesce(f.many, 0) AS facts
FROM sums t FULL JOIN facts f USING (since, measure, detail, matter_class)
WHERE coalesce(t.many, 0) <> coalesce(f.many, 0) ORDER BY name LIMIT %(limit)s;

-- name: event_count
SELECT count(*) AS many FROM event;
