-- What is wanted of the facts that are there, locked; the generation is held so that no new reading begins meanwhile.
-- name: load
SELECT r.generation, (
    SELECT json_agg(s.case_id) FROM fact_summarised s WHERE s.case_id = ANY(%(cases)s::uuid[])
) AS summarised, (SELECT json_agg(f) FROM (
    SELECT f.case_id, f.epoch, f.version, f.journal_length, f.item, f.tallied FROM fact f
    WHERE (f.case_id, f.month) IN (SELECT * FROM unnest(%(cases)s::uuid[], %(months)s::date[])) FOR UPDATE
) f) AS facts
FROM feed_reading r FOR SHARE OF r;

-- name: make_months
SELECT make_fact_month(wanted) FROM unnest(%(months)s::date[]) AS wanted ORDER BY wanted;

-- Newer facts, by how much they move the sums, and how far each centre has told.
-- name: save
WITH facts AS (
    INSERT INTO fact (month, case_id, centre, number, epoch, version, journal_length, holder, unit, state, item, offered,
        suspended, registered_at, resolved_at, due_at, told_at, tallied)
    SELECT month, case_id, centre, number, epoch, version, journal_length, holder, unit, state, item, offered,
        suspended, registered_at, resolved_at, due_at, told_at, tallied
    FROM json_populate_recordset(NULL::fact, %(facts)s)
    ON CONFLICT (case_id, month) DO UPDATE SET number = excluded.number, epoch = excluded.epoch,
        version = excluded.version, journal_length = excluded.journal_length, holder = excluded.holder,
        unit = excluded.unit, state = excluded.state, item = excluded.item, offered = excluded.offered,
        suspended = excluded.suspended, resolved_at = excluded.resolved_at, due_at = excluded.due_at,
        told_at = excluded.told_at, tallied = excluded.tallied
),
sums AS (
    INSERT INTO tally (since, measure, detail, centre, matter_class, many)
    SELECT since, measure, detail, centre, matter_class, many FROM json_populate_recordset(NULL::tally, %(sums)s)
    ON CONFLICT (since, measure, detail, centre, matter_class) DO UPDATE SET many = tally.many + excluded.many
)
INSERT INTO feed_source (centre, told_until)
SELECT centre, told_until FROM json_populate_recordset(NULL::feed_source, %(sources)s)
ON CONFLICT (centre) DO UPDATE SET told_until = greatest(feed_source.told_until, excluded.told_until);

-- A statement of its own, so that what is loaded next is what a summary that was under way has left.
-- name: hold
SELECT generation FROM feed_reading FOR SHARE;

-- name: generation
SELECT generation FROM feed_reading;

-- A new reading: nothing of the old one is left, and readers that are at work find that theirs is over.
-- name: begin_again
UPDATE feed_reading SET generation = generation + 1 RETURNING generation;

-- name: empty
TRUNCATE fact, fact_summary, fact_summarised, tally, feed_source;

-- The months before a day that have a partition.
-- name: old_months
SELECT to_date(substr(c.relname, 6), 'YYYYMM') AS month FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'fact'::regclass AND to_date(substr(c.relname, 6), 'YYYYMM') < %(before)s ORDER BY 1;

-- Old facts of closed cases that were not told of lately go, of one month; their cases are noted, and what they added to the
-- sums. Only where the centre was heard lately, so that nothing newer is still to be read. The reading is held, so that
-- nothing is taken in or begun anew meanwhile.
-- name: summarise
WITH reading AS MATERIALIZED (SELECT generation FROM feed_reading FOR UPDATE),
gone AS (
    DELETE FROM fact WHERE month = %(month)s AND told_at < %(before)s AND resolved_at IS NOT NULL
        AND EXISTS (SELECT FROM reading)
        AND centre IN (SELECT s.centre FROM feed_source s WHERE s.told_until >= %(heard_since)s)
    RETURNING case_id, centre, tallied
),
noted AS (INSERT INTO fact_summarised (case_id) SELECT case_id FROM gone ON CONFLICT (case_id) DO NOTHING),
sums AS (
    INSERT INTO fact_summary (since, measure, detail, centre, matter_class, many)
    SELECT (t ->> 0)::date, t ->> 1, t ->> 2, centre, t ->> 3, count(*)
    FROM gone CROSS JOIN LATERAL jsonb_array_elements(tallied) AS t GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (since, measure, detail, centre, matter_class) DO UPDATE SET many = fact_summary.many + excluded.many
)
SELECT count(*) AS many FROM gone;

-- name: drop_empty_months
SELECT drop_empty_fact_months(%(before)s::date) AS many;

-- name: sources
SELECT centre, told_until FROM feed_source ORDER BY centre;

-- What is open at each origin, and of it what is overdue, offered, suspended.
-- name: open
SELECT centre, count(*) AS open, count(*) FILTER (WHERE due_at < %(now)s AND NOT suspended) AS overdue,
    count(*) FILTER (WHERE offered) AS offered, count(*) FILTER (WHERE suspended) AS suspended
FROM fact WHERE resolved_at IS NULL AND centre = ANY(%(centres)s) GROUP BY centre ORDER BY centre;

-- What fell due on some days and is overdue now, by the day in the city's zone: it has missed its limit, though nothing was
-- met that a tally could tell. Of a case the clock that was due first counts; one that is suspended does not run.
-- name: overdue_days
SELECT centre, (date_trunc('day', due_at - interval '1 microsecond', 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai')::date AS day,
    count(*) AS many
FROM fact
WHERE resolved_at IS NULL AND NOT suspended AND due_at < %(now)s AND due_at > %(first)s AND due_at <= %(until)s
    AND centre = ANY(%(centres)s)
GROUP BY 1, 2;

-- name: sums
SELECT measure, detail, centre, matter_class, sum(many)::bigint AS many FROM tally
WHERE since >= %(first)s AND since <= %(last)s AND centre = ANY(%(centres)s)
    AND measure = ANY(%(measures)s)
GROUP BY measure, detail, centre, matter_class;

-- name: telling
SELECT told_until FROM feed_telling;

-- name: known
SELECT count(*) AS many FROM fact;

-- What there is to tell: up to when everything was told, and the cases about which something was journalled since a while
-- before. Nothing while another process of the centre has the lease.
-- name: look
WITH mine AS (
    INSERT INTO lease (name, holder, until) VALUES ('feed', %(holder)s, %(until)s)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.until < %(now)s OR lease.holder = excluded.holder
    RETURNING holder
)
SELECT t.told_until, (
    SELECT json_agg(json_build_array(f.case_id, f.epoch, f.version, f.journal_length)) FROM (
        SELECT c.case_id, c.epoch, c.version, c.journal_length
        FROM (SELECT DISTINCT subject FROM event WHERE recorded_at >= t.told_until - %(back)s::interval) e
        JOIN case_file c ON c.case_id = e.subject WHERE c.origin = %(origin)s LIMIT %(limit)s
    ) f
) AS changed
FROM feed_telling t WHERE EXISTS (SELECT FROM mine);

-- Not waited for on the disk: what a crash takes back is told once more.
-- name: told
WITH soon AS (SELECT set_config('synchronous_commit', 'off', true) AS set)
UPDATE feed_telling SET told_until = %(until)s::timestamptz FROM soon WHERE soon.set = 'off';

-- The files of some cases that a centre took in, with their hand-overs.
-- name: to_tell
SELECT to_json(c) AS file, (
    SELECT json_agg(j) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details
        FROM event WHERE subject = c.case_id AND kind = 'offer_accepted' ORDER BY position
    ) j) AS hand_overs
FROM case_file c WHERE c.case_id = ANY(%(cases)s::uuid[]) AND c.origin = %(origin)s;

-- name: to_tell_after
SELECT case_id FROM case_file WHERE origin = %(origin)s AND case_id > %(after)s ORDER BY case_id LIMIT %(limit)s;
