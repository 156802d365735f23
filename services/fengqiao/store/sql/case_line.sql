-- The lists of the desk. A statement is put together from these blocks: what a line shows, which criteria narrow the
-- list, and its order. Pages follow each other by key; nothing is counted beyond a bound.

-- name: columns
c.case_id, c.number, c.version, c.journal_length, c.role, c.stage, c.state, c.kind, c.request_type, c.channel, c.urgent,
c.title, c.place, c.unit, c.holder, c.origin, c.first_receiver_centre, c.first_receiver_unit, c.closing, c.offer_to,
c.offer_direction, c.offer_withdrawing, left(c.offer_reason, 120) AS offer_reason, c.offered_at, c.registered_at,
c.updated_at, c.resolved_at, nullif(c.due_at, 'infinity') AS due_at, coalesce(c.course ->> 'item', '') AS item,
coalesce(c.course ->> 'grade', '') AS grade, coalesce((c.course ->> 'reopened')::integer, 0) AS reopened,
c.course #>> '{application,kind}' AS application, c.course #>> '{application,by}' AS applied_by,
left(c.course #>> '{application,reason}', 120) AS applied_why, c.course #>> '{submission,by}' AS submitted_by,
left(c.course #>> '{submission,result}', 120) AS submitted, left(c.course ->> 'reply', 120) AS reply,
(c.course ->> 'replied_at')::timestamptz AS replied_at, (c.course #>> '{evaluation,solved}')::boolean AS solved,
(c.course #>> '{evaluation,satisfied}')::boolean AS satisfied, left(c.course #>> '{arbitration,reason}', 120) AS objection

-- Queues in the order in which they burn: the first of each, put in order.
-- name: queues
SELECT c.* FROM unnest(%(stages)s::text[]) AS s (stage) CROSS JOIN LATERAL (
    SELECT /*columns*/ FROM case_file c
    WHERE c.stage = s.stage AND c.stage <> 'closed' AND c.stage <> 'aside' AND /*where*/ ORDER BY /*order*/ LIMIT %(limit)s
) c ORDER BY /*outer*/ LIMIT %(limit)s

-- Queues in another order, and the cases that words were found in.
-- name: set
SELECT /*columns*/ FROM case_file c WHERE /*where*/ ORDER BY /*order*/ LIMIT %(limit)s

-- Whatever this centre knows: so much of it is looked at for a page, and the next page goes on behind that.
-- name: walk
SELECT /*columns*/ FROM (
    SELECT case_id, number, version, journal_length, role, stage, state, kind, request_type, channel, urgent, title, text,
        place, unit, holder, origin, first_receiver_centre, first_receiver_unit, closing, offer_id, offer_to,
        offer_direction, offer_withdrawing, offer_reason, offered_at, registered_at, updated_at, resolved_at, due_at,
        course, result, reference
    FROM case_file c WHERE /*after*/ ORDER BY /*order*/ LIMIT %(walk)s
) c WHERE /*where*/ ORDER BY /*order*/ LIMIT %(limit)s

-- Where a walk has ended; nothing when it came to the end of the list.
-- name: boundary
SELECT /*key*/ AS key, c.case_id FROM case_file c WHERE /*after*/ ORDER BY /*order*/ OFFSET %(walk)s - 1 LIMIT 1

-- name: after rising
(/*key*/, c.case_id) > (/*bound*/, %(after_id)s::uuid)

-- name: after falling
(/*key*/, c.case_id) < (/*bound*/, %(after_id)s::uuid)

-- name: order rising
/*key*/, c.case_id

-- name: order falling
/*key*/ DESC, c.case_id DESC

-- What lists are ordered by, as `key`, and how the last one of a page is given back, as `bound`.
-- name: key due_at
c.due_at

-- name: bound due_at
%(after_key)s::timestamptz

-- name: key registered_at
c.registered_at

-- name: bound registered_at
%(after_key)s::timestamptz

-- name: key updated_at
c.updated_at

-- name: bound updated_at
%(after_key)s::timestamptz

-- name: key resolved_at
c.resolved_at

-- name: bound resolved_at
%(after_key)s::timestamptz

-- name: key number
c.number

-- name: bound number
%(after_key)s::text

-- name: key title
c.title

-- name: bound title
%(after_key)s::text

-- name: key place
c.place

-- name: bound place
%(after_key)s::text

-- name: key unit
c.unit

-- name: bound unit
%(after_key)s::text

-- name: key item
coalesce(c.course ->> 'item', '')

-- name: bound item
%(after_key)s::text

-- name: key grade
coalesce(c.course ->> 'grade', '')

-- name: bound grade
%(after_key)s::text

-- name: key state
c.state

-- name: bound state
%(after_key)s::text

-- Criteria, each by the name of its parameter.
-- name: anything
true

-- name: where stages
c.stage = ANY(%(stages)s::text[]) AND c.stage <> 'closed' AND c.stage <> 'aside'

-- name: where closed
c.stage = 'closed'

-- name: ended
c.resolved_at IS NOT NULL

-- name: where hits
c.case_id = ANY(%(hits)s::uuid[])

-- name: where unworded
(c.case_id = ANY(%(hits)s::uuid[]) OR (c.case_id = ANY(%(unworded)s::uuid[]) AND (c.title || ' ' || c.text || ' ' || c.place) ILIKE ALL(%(patterns)s::text[])))

-- name: where number
c.number LIKE %(number)s

-- name: where states
c.state = ANY(%(states)s)

-- name: where kind
c.kind = %(kind)s

-- name: where request_type
c.request_type = %(request_type)s

-- name: where channel
c.channel = %(channel)s

-- name: where urgent
c.urgent = %(urgent)s

-- name: where item
c.course ->> 'item' LIKE %(item)s

-- name: where classified
(c.course ? 'item') = %(classified)s

-- name: where grade
c.course ->> 'grade' = %(grade)s

-- name: where graded
(c.course ? 'grade') = %(graded)s

-- name: where unit
c.unit = %(unit)s

-- name: where helper
(c.course -> 'co_handlers') ? %(helper)s

-- name: where first
c.first_receiver_unit = %(first)s

-- name: where origin
c.origin = %(origin)s

-- name: where holder
c.holder = %(holder)s

-- name: where place
c.place ILIKE %(place)s

-- name: where registered_from
c.registered_at >= %(registered_from)s

-- name: where registered_to
c.registered_at < %(registered_to)s

-- name: where updated_from
c.updated_at >= %(updated_from)s

-- name: where updated_to
c.updated_at < %(updated_to)s

-- name: where due_from
c.due_at >= %(due_from)s

-- name: where due_to
c.due_at < %(due_to)s

-- name: where closed_from
c.resolved_at >= %(closed_from)s

-- name: where closed_to
c.resolved_at < %(closed_to)s

-- name: where closing
c.closing = %(closing)s

-- name: where solved
(c.course #>> '{evaluation,solved}')::boolean = %(solved)s

-- name: where satisfied
(c.course #>> '{evaluation,satisfied}')::boolean = %(satisfied)s

-- name: where evaluated
(c.course ? 'evaluation') = %(evaluated)s

-- name: where returned
(c.course ? 'returned') = %(returned)s

-- name: where reopened
(c.course ? 'reopened') = %(reopened)s

-- name: where merged
(c.course ? 'merged' OR c.course ? 'merged_into') = %(merged)s

-- name: where suspended
(c.course ? 'suspension') = %(suspended)s

-- name: where extended
(c.course ? 'extension') = %(extended)s

-- name: where unreasonable
(c.course ? 'unreasonable') = %(unreasonable)s

-- name: where reachable
EXISTS (SELECT FROM contact k WHERE k.case_id = c.case_id AND k.phone <> '') = %(reachable)s

-- What one person has proposed another one decides.
-- name: where not_of
NOT (c.stage = 'sign_off' AND c.course #>> '{submission,by}' = %(not_of)s)
    AND NOT (c.stage = 'applied' AND c.course #>> '{application,by}' = %(not_of)s)

-- The newest cases that have all the pairs and patterns, newest first; as many as `most`, and what upkeep has not come to.
-- name: hits
SELECT h.case_id, false AS unworded FROM (
    SELECT w.case_id FROM generate_series((SELECT coalesce(max(serial), -1) / 10000 FROM case_word), 0, -1) AS k (chunk)
    CROSS JOIN LATERAL (
        SELECT w.case_id FROM case_word w
        WHERE case_grams(w.serial / 10000, w.body)
                @> ARRAY(SELECT k.chunk || ':' || gram FROM unnest(%(grams)s::text[]) AS g (gram))
            AND w.body LIKE ALL(%(patterns)s::text[])
        ORDER BY w.serial DESC LIMIT %(most)s
    ) w LIMIT %(most)s
) h
UNION ALL
SELECT u.case_id, true FROM (SELECT case_id FROM case_unworded ORDER BY case_id DESC LIMIT %(unworded)s) u

-- Takes cases out of the queue and stores their words.
-- name: store_words
WITH taken AS (
    DELETE FROM case_unworded WHERE case_id = ANY(ARRAY(
        SELECT case_id FROM case_unworded ORDER BY case_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )) RETURNING case_id
)
INSERT INTO case_word (case_id, body)
SELECT c.case_id, lower(c.title || ' ' || c.text || ' ' || c.place)
FROM taken JOIN case_file c ON c.case_id = taken.case_id ORDER BY c.case_id;

-- Sorts what was stored since the last time into the index; until then a search reads it as it stands.
-- name: sort_words
SELECT gin_clean_pending_list('case_word_grams');

-- How many wait in each queue, at most `most` of each; what burns; what I can act on; what comes from above.
-- name: counters
SELECT s.stage AS name, (SELECT count(*) FROM (
    SELECT FROM case_file c WHERE c.stage = s.stage AND c.stage <> 'closed' AND c.stage <> 'aside' LIMIT %(most)s) x) AS many
FROM unnest(%(stages)s::text[]) AS s (stage)
UNION ALL
SELECT w.name, (SELECT count(*) FROM (
    SELECT FROM unnest(%(acting)s::text[]) AS s (stage) CROSS JOIN LATERAL (
        SELECT FROM case_file c WHERE c.stage = s.stage AND c.stage <> 'closed' AND c.stage <> 'aside'
            AND c.due_at >= w.since AND c.due_at < w.until LIMIT %(most)s
    ) c LIMIT %(most)s) x)
FROM (VALUES ('red', '-infinity'::timestamptz, %(now)s::timestamptz), ('yellow', %(now)s, %(soon)s::timestamptz))
    AS w (name, since, until)
UNION ALL
SELECT 'mine', (SELECT count(*) FROM (
    SELECT FROM unnest(%(mine)s::text[]) AS s (stage) CROSS JOIN LATERAL (
        SELECT FROM case_file c WHERE c.stage = s.stage AND c.stage <> 'closed' AND c.stage <> 'aside'
            AND NOT (c.stage = 'sign_off' AND c.course #>> '{submission,by}' = %(me)s)
            AND NOT (c.stage = 'applied' AND c.course #>> '{application,by}' = %(me)s)
        LIMIT %(most)s
    ) c LIMIT %(most)s) x)
UNION ALL
SELECT 'above', (SELECT count(*) FROM (SELECT FROM case_file c WHERE c.stage = 'offered' AND c.stage <> 'closed'
    AND c.stage <> 'aside' AND c.holder = %(parent)s LIMIT %(most)s) x)
UNION ALL
SELECT 'directives', (SELECT count(*) FROM (SELECT FROM directive d WHERE d.recipient = %(here)s
    AND d.state IN ('issued', 'received', 'sent_back') LIMIT %(most)s) x);

-- Beside a case: the other cases of its reporter, as far as this centre knows how to reach them, the newest first.
-- name: of_reporter
SELECT /*columns*/ FROM contact mine
JOIN contact other ON other.phone = mine.phone AND other.phone <> '' AND other.case_id <> mine.case_id
JOIN case_file c ON c.case_id = other.case_id
WHERE mine.case_id = %(case_id)s AND mine.phone <> ''
ORDER BY c.registered_at DESC, c.case_id DESC LIMIT %(limit)s

-- Beside a case: open ones of the last weeks at the same place, of the same item as far as both are classified.
-- name: nearby
SELECT /*columns*/ FROM case_file here
JOIN case_file c ON c.place = here.place AND c.place <> '' AND c.stage <> 'closed' AND c.stage <> 'aside'
    AND c.registered_at > %(since)s AND c.case_id <> here.case_id
WHERE here.case_id = %(case_id)s
    AND (NOT here.course ? 'item' OR NOT c.course ? 'item' OR here.course ->> 'item' = c.course ->> 'item')
ORDER BY c.registered_at DESC, c.case_id DESC LIMIT %(limit)s

-- Lists that are counted together, each as far as its limit.
-- name: counted
SELECT /*number*/ AS number, count(*) AS many FROM (/*list*/) l

-- name: and_also
 UNION ALL 
