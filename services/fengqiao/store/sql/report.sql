-- A report that somebody wants; one that is there or under way already is not made twice, unless it was made before all
-- had told of its days.
-- name: want
INSERT INTO report (id, span, first, last, language, wanted_by, wanted_at, state, moved_at)
VALUES (%(id)s, %(span)s, %(first)s, %(last)s, %(language)s, %(wanted_by)s, %(now)s, 'waiting', %(now)s)
ON CONFLICT (id) DO UPDATE SET state = 'waiting', percent = 0, tries = 0, wanted_by = excluded.wanted_by,
    wanted_at = excluded.wanted_at, moved_at = excluded.moved_at, sheet = NULL, document = NULL
WHERE report.state IN ('made', 'failed')
    AND (%(again)s OR (report.state = 'made' AND coalesce(report.as_of, '-infinity') < %(over_at)s));

-- The next one that nobody makes, or that its maker has left lying; one that was left lying too often has failed.
-- name: take
WITH failed AS (
    UPDATE report SET state = 'failed', moved_at = %(now)s
    WHERE state = 'making' AND moved_at < %(stale)s AND tries >= %(most)s
)
UPDATE report SET state = 'making', maker = %(maker)s, moved_at = %(now)s, percent = 0, tries = tries + 1
WHERE id = (
    SELECT id FROM report
    WHERE state = 'waiting' OR (state = 'making' AND moved_at < %(stale)s AND tries < %(most)s)
    ORDER BY wanted_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, span, first, last, language, tries;

-- name: progress
UPDATE report SET percent = %(percent)s, moved_at = %(now)s WHERE id = %(id)s AND maker = %(maker)s AND state = 'making';

-- name: finish
UPDATE report SET state = 'made', percent = 100, moved_at = %(now)s, as_of = %(as_of)s, sheet = %(sheet)s,
    document = %(document)s
WHERE id = %(id)s AND maker = %(maker)s AND state = 'making';

-- name: give_up
UPDATE report SET state = CASE WHEN tries >= %(most)s THEN 'failed' ELSE 'waiting' END, moved_at = %(now)s
WHERE id = %(id)s AND maker = %(maker)s AND state = 'making';

-- name: list
SELECT id, span, first, last, language, wanted_by, wanted_at, state, percent, moved_at, as_of
FROM report ORDER BY wanted_at DESC LIMIT %(limit)s;

-- name: file
SELECT span, first, language, CASE %(format)s WHEN 'xlsx' THEN sheet ELSE document END AS content
FROM report WHERE id = %(id)s AND state = 'made';

-- Old ones go: whoever wants one again has it made again.
-- name: forget
DELETE FROM report WHERE wanted_at < %(before)s AND state IN ('made', 'failed');
