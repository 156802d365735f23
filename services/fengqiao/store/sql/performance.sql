-- Sums of months by centre, by class, or together; of all classes when none is named.
-- name: sums
SELECT CASE %(by)s WHEN 'centre' THEN centre WHEN 'class' THEN matter_class ELSE '' END AS key, since, measure, detail,
    sum(many)::bigint AS many
FROM tally
WHERE since = ANY(%(months)s) AND measure = ANY(%(measures)s) AND centre = ANY(%(centres)s)
    AND (%(matter_class)s::text IS NULL OR matter_class = %(matter_class)s)
GROUP BY 1, 2, 3, 4;

-- What is overdue now, by the month in which it fell due: it has missed its limit, though nothing was met that a tally
-- could tell. Of a case the clock that was due first counts; one that is suspended does not run.
-- name: overdue
SELECT CASE %(by)s WHEN 'centre' THEN centre WHEN 'class' THEN left(item, 2) ELSE '' END AS key,
    date_trunc('month', due_at - interval '1 microsecond', 'Asia/Shanghai') AS since, count(*) AS many
FROM fact
WHERE resolved_at IS NULL AND NOT suspended AND due_at < %(now)s AND due_at > %(first)s AND due_at <= %(until)s
    AND centre = ANY(%(centres)s) AND (%(matter_class)s::text IS NULL OR left(item, 2) = %(matter_class)s)
GROUP BY 1, 2;

-- How many cases of each class came in at each branch, by weeks that begin on Mondays in the city's zone.
-- name: weeks
SELECT b.branch, left(f.item, 2) AS matter_class, date_trunc('week', f.registered_at, 'Asia/Shanghai') AS week,
    count(*) AS many
FROM fact f JOIN unnest(%(centres)s::text[], %(branches)s::text[]) AS b(centre, branch) ON b.centre = f.centre
WHERE f.month = ANY(%(months)s) AND f.registered_at >= %(first)s AND f.registered_at < %(until)s
GROUP BY 1, 2, 3;

-- The cases behind a rate: those that count, or those that are missing from it, by the same tallies and the same clock
-- that the sums are made of.
-- name: behind
SELECT f.case_id, f.number, f.centre, f.holder, f.unit, f.state, f.item, f.registered_at, f.resolved_at,
    nullif(f.due_at, 'infinity') AS due_at
FROM fact f, LATERAL (
    SELECT count(*) FILTER (WHERE t ->> 1 = %(counted)s AND %(counted_detail)s IN ('', t ->> 2)) AS counted,
        count(*) FILTER (WHERE t ->> 1 = %(among)s AND %(among_detail)s IN ('', t ->> 2)) AS among,
        count(*) FILTER (WHERE t ->> 1 = %(apart)s) AS apart
    FROM jsonb_array_elements(f.tallied) AS t
    WHERE (t ->> 0)::date = ANY(%(months)s) AND (%(matter_class)s::text IS NULL OR t ->> 3 = %(matter_class)s)
) s
WHERE f.centre = ANY(%(centres)s) AND f.month >= %(first_month)s AND f.month <= %(last_month)s
    AND (
        s.among > 0 AND s.apart = 0 AND CASE WHEN %(missing)s THEN s.counted < s.among ELSE s.counted > 0 END
        OR %(overdue)s AND f.resolved_at IS NULL AND NOT f.suspended AND f.due_at < %(now)s
            AND f.due_at > %(first)s AND f.due_at <= %(until)s
            AND (%(matter_class)s::text IS NULL OR left(f.item, 2) = %(matter_class)s)
    )
    AND (%(after_at)s::timestamptz IS NULL OR (f.registered_at, f.case_id) < (%(after_at)s, %(after_id)s::uuid))
ORDER BY f.registered_at DESC, f.case_id DESC
LIMIT %(limit)s;
