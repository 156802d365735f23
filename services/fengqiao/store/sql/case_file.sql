-- name: by_id
SELECT to_json(c) AS file FROM case_file c WHERE case_id = %(case_id)s;

-- A case by its id or its number, and how its reporter may be reached.
-- name: whole
SELECT to_json(c) AS file, k.name, k.phone FROM case_file c LEFT JOIN contact k ON k.case_id = c.case_id
WHERE c.case_id = %(case_id)s OR c.number = %(number)s;

-- name: id_by_number
SELECT case_id FROM case_file WHERE number = %(number)s;

-- name: numbers
SELECT case_id, number FROM case_file WHERE case_id = ANY(%(case_ids)s::uuid[]);

-- name: id_by_reference
SELECT case_id FROM case_file WHERE origin = %(origin)s AND reference = %(reference)s;

-- What a centre took in, by id, page after page.
-- name: of_origin
SELECT to_json(c) AS file FROM case_file c
WHERE origin = %(origin)s AND case_id > %(after)s ORDER BY case_id LIMIT %(limit)s;

-- name: list
SELECT to_json(c) AS file FROM (
    SELECT case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed, holder, epoch,
        version, state, kind, request_type, channel, title, left(text, 200) AS text, place, urgent, unit, offer_id, offer_to,
        offer_direction, offer_epoch, offer_reason, offered_at, offer_withdrawing, closing, left(result, 200) AS result, registered_at,
        updated_at, resolved_at, reference, course, role, audience, journal_length, journal_hash, limits
    FROM case_file
    WHERE role = ANY(%(roles)s)
        AND state = ANY(%(states)s)
        AND (%(offered_out)s::boolean IS NULL OR (offer_id IS NOT NULL) = %(offered_out)s)
        AND (%(kind)s::text IS NULL OR kind = %(kind)s)
        AND (%(channel)s::text IS NULL OR channel = %(channel)s)
        AND (%(unit)s::text IS NULL OR unit = %(unit)s)
        AND (%(urgent)s::boolean IS NULL OR urgent = %(urgent)s)
        AND (%(registered_from)s::timestamptz IS NULL OR registered_at >= %(registered_from)s)
        AND (%(registered_to)s::timestamptz IS NULL OR registered_at < %(registered_to)s)
        AND (%(pattern)s::text IS NULL OR title ILIKE %(pattern)s OR text ILIKE %(pattern)s OR place ILIKE %(pattern)s)
        AND (%(number)s::text IS NULL OR number LIKE %(number)s)
        AND (%(after_key)s::text IS NULL OR /*after*/)
    ORDER BY /*order*/
    LIMIT %(limit)s
) c;

-- Keyset pages: what comes after the last row of the page before, and in which order; put into the list above.
-- name: after updated_at
(updated_at, case_id) > (%(after_key)s::timestamptz, %(after_id)s)

-- name: order updated_at
updated_at, case_id

-- name: after -updated_at
(updated_at, case_id) < (%(after_key)s::timestamptz, %(after_id)s)

-- name: order -updated_at
updated_at DESC, case_id DESC

-- name: after registered_at
(registered_at, case_id) > (%(after_key)s::timestamptz, %(after_id)s)

-- name: order registered_at
registered_at, case_id

-- name: after -registered_at
(registered_at, case_id) < (%(after_key)s::timestamptz, %(after_id)s)

-- name: order -registered_at
registered_at DESC, case_id DESC

-- name: after number
(number, case_id) > (%(after_key)s, %(after_id)s)

-- name: order number
number, case_id

-- name: after -number
(number, case_id) < (%(after_key)s, %(after_id)s)

-- name: order -number
number DESC, case_id DESC


-- name: events
SELECT position, id, subject, kind, centre, actor, at, epoch, details, hash, recorded_at
FROM event WHERE subject = %(subject)s ORDER BY position;

-- name: counts
SELECT role, state, offer_id IS NOT NULL AS offered, count(*) AS many FROM case_file GROUP BY role, state, offered;
