-- Everything a decision needs, locked, in one statement: whole rows as JSON, in the order of their keys so that two
-- transactions never lock in opposite orders. Locked rows are the newest; what is read beside them is as old as the
-- statement, which may have waited for a lock. `seen_edges` tells: read without a lock, it is that old as well.
-- name: load
SELECT
    (SELECT json_agg(e) FROM (
        SELECT neighbour, received_seq FROM edge WHERE neighbour = ANY(%(neighbours)s) ORDER BY neighbour FOR UPDATE
    ) e) AS edges,
    (SELECT json_agg(s) FROM (
        SELECT neighbour, received_seq FROM edge WHERE neighbour = ANY(%(neighbours)s) ORDER BY neighbour
    ) s) AS seen_edges,
    (SELECT json_agg(c) FROM (
        SELECT case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed, holder, epoch,
            version, state, kind, request_type, channel, title, text, place, urgent, unit, offer_id, offer_to,
            offer_direction, offer_epoch, offer_reason, offered_at, offer_withdrawing, closing, result, registered_at,
            updated_at, resolved_at, reference, course, role, audience, journal_length, journal_hash, limits
        FROM case_file
        WHERE case_id = ANY(ARRAY(
            SELECT unnest(%(subjects)s::uuid[])
            UNION SELECT m.case_id FROM case_file m WHERE m.merged_into = ANY(%(leads)s) AND m.role = 'holder'
            UNION SELECT p.merged_into FROM case_file p WHERE p.case_id = ANY(%(partners)s)
        ))
        ORDER BY case_id FOR UPDATE
    ) c) AS cases,
    (SELECT json_agg(d) FROM (
        SELECT directive_id, number, issuer, recipient, unit, title, text, cases, urgent, state, version, report,
            issued_at, due_at, updated_at, journal_length, journal_hash
        FROM directive WHERE directive_id = ANY(%(subjects)s) ORDER BY directive_id FOR UPDATE
    ) d) AS directives,
    (SELECT json_agg(v.id) FROM event v WHERE v.id = ANY(%(events)s)) AS known_events,
    (SELECT json_agg(h) FROM (
        SELECT neighbour, seq, subject, state FROM inbox
        WHERE state IN ('ahead', 'waiting', 'parked') AND neighbour = ANY(%(neighbours)s) ORDER BY neighbour, seq
    ) h) AS held,
    (SELECT json_agg(j ORDER BY j.position) FROM (
        SELECT position, id, subject, kind, centre, actor, at, epoch, details
        FROM event WHERE subject = ANY(%(histories)s)
    ) j) AS histories;

-- Take a held message to try it again; nothing when somebody else is at it or was.
-- name: claim
SELECT seq FROM inbox WHERE neighbour = %(neighbour)s AND seq = %(seq)s AND state = 'waiting' AND attempts = %(attempts)s
FOR UPDATE SKIP LOCKED;

-- Everything a decision changes, in one statement.
-- name: save
WITH
new_events AS (
    INSERT INTO event (subject, position, id, kind, centre, actor, at, epoch, details, hash, recorded_at)
    SELECT subject, position, id, kind, centre, actor, at, epoch, details, hash, recorded_at
    FROM json_populate_recordset(NULL::event, %(events)s)
),
outgoing AS (
    INSERT INTO outbox (neighbour, message_id, type, subject, urgent, body, created_at, traceparent)
    SELECT neighbour, message_id, type, subject, urgent, body, created_at, traceparent
    FROM json_populate_recordset(NULL::outbox, %(outgoing)s)
),
taken AS (
    INSERT INTO inbox (neighbour, seq, message_id, type, subject, state, attempts, next_try_at, reason, envelope, taken_at)
    SELECT neighbour, seq, message_id, type, subject, state, attempts, next_try_at, reason, envelope, taken_at
    FROM json_populate_recordset(NULL::inbox, %(taken)s)
    ON CONFLICT (neighbour, seq) DO UPDATE SET
        state = excluded.state, attempts = excluded.attempts, next_try_at = excluded.next_try_at,
        reason = excluded.reason, envelope = excluded.envelope
),
parked AS (
    INSERT INTO dead_letter
        (neighbour, seq, carrier, topic, partition, record_offset, type, subject, code, params, payload, parked_at, state)
    SELECT neighbour, seq, carrier, topic, partition, record_offset, type, subject, code, params, payload, parked_at, state
    FROM json_populate_recordset(NULL::dead_letter, %(parked)s)
    ON CONFLICT DO NOTHING
),
moved AS (
    UPDATE edge SET received_seq = e.received_seq, received_at = e.received_at
    FROM json_populate_recordset(NULL::edge, %(edges)s) e WHERE edge.neighbour = e.neighbour
),
new_directives AS (
    INSERT INTO directive (directive_id, number, issuer, recipient, unit, title, text, cases, urgent, state, version,
        report, issued_at, due_at, updated_at, journal_length, journal_hash)
    SELECT directive_id, number, issuer, recipient, unit, title, text, cases, urgent, state, version,
        report, issued_at, due_at, updated_at, journal_length, journal_hash
    FROM json_populate_recordset(NULL::directive, %(new_directives)s)
),
changed_directives AS (
    UPDATE directive SET state = d.state, version = d.version, report = d.report, updated_at = d.updated_at,
        journal_length = d.journal_length, journal_hash = d.journal_hash
    FROM json_populate_recordset(NULL::directive, %(changed_directives)s) d
    WHERE directive.directive_id = d.directive_id
),
new_cases AS (
    INSERT INTO case_file (case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed,
        holder, epoch, version, state, kind, request_type, channel, title, text, place, urgent, unit, offer_id, offer_to,
        offer_direction, offer_epoch, offer_reason, offered_at, offer_withdrawing, closing, result, registered_at,
        updated_at, resolved_at, reference, course, role, audience, journal_length, journal_hash, limits, due_at)
    SELECT case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed,
        holder, epoch, version, state, kind, request_type, channel, title, text, place, urgent, unit, offer_id, offer_to,
        offer_direction, offer_epoch, offer_reason, offered_at, offer_withdrawing, closing, result, registered_at,
        updated_at, resolved_at, reference, course, role, audience, journal_length, journal_hash, limits,
        coalesce(due_at, 'infinity')
    FROM json_populate_recordset(NULL::case_file, %(new_cases)s)
    RETURNING case_id
),
unworded AS (
    INSERT INTO case_unworded (case_id) SELECT case_id FROM new_cases
),
contacts AS (
    INSERT INTO contact (case_id, name, phone)
    SELECT case_id, name, phone FROM json_populate_recordset(NULL::contact, %(contacts)s)
),
-- A clock that is new here or has moved, and its rungs; what has fired stays so, and what was not ours when the clock came.
clocks AS (
    INSERT INTO case_limit (limit_id, case_id, code, due_at, ended, outcome, provisional_after)
    SELECT limit_id, case_id, code, due_at, ended, outcome, provisional_after
    FROM json_populate_recordset(NULL::case_limit, %(clocks)s)
    ON CONFLICT (limit_id) DO UPDATE SET due_at = excluded.due_at, ended = excluded.ended,
        outcome = excluded.outcome, provisional_after = excluded.provisional_after
),
rungs AS (
    INSERT INTO limit_rung (limit_id, rung, case_id, code, fire_at, due_at, wake_at)
    SELECT limit_id, rung, case_id, code, fire_at, due_at, wake_at
    FROM json_populate_recordset(NULL::limit_rung, %(rungs)s)
    ON CONFLICT (limit_id, rung) DO UPDATE SET
        fire_at = excluded.fire_at, due_at = excluded.due_at, wake_at = excluded.wake_at
    WHERE limit_rung.fired_at IS NULL
),
moved_rungs AS (
    UPDATE limit_rung SET fire_at = r.fire_at, due_at = r.due_at, wake_at = r.wake_at
    FROM json_populate_recordset(NULL::limit_rung, %(moved_rungs)s) r
    WHERE limit_rung.limit_id = r.limit_id AND limit_rung.rung = r.rung
        AND limit_rung.fired_at IS NULL AND limit_rung.wake_at IS NOT NULL
),
told AS (
    UPDATE limit_rung SET told_at = t.told_at FROM json_populate_recordset(NULL::limit_rung, %(told)s) t
    WHERE limit_rung.limit_id = t.limit_id AND limit_rung.rung = t.rung
)
UPDATE case_file SET
    first_receiver_centre = c.first_receiver_centre, first_receiver_unit = c.first_receiver_unit,
    first_receiver_fixed = c.first_receiver_fixed, holder = c.holder, epoch = c.epoch, version = c.version,
    state = c.state, unit = c.unit, offer_id = c.offer_id, offer_to = c.offer_to, offer_direction = c.offer_direction,
    offer_epoch = c.offer_epoch, offer_reason = c.offer_reason, offered_at = c.offered_at,
    offer_withdrawing = c.offer_withdrawing, closing = c.closing, result = c.result, updated_at = c.updated_at,
    resolved_at = c.resolved_at, course = c.course, role = c.role, audience = c.audience, journal_length = c.journal_length,
    journal_hash = c.journal_hash, limits = c.limits, due_at = coalesce(c.due_at, case_file.due_at)
FROM json_populate_recordset(NULL::case_file, %(changed_cases)s) c
WHERE case_file.case_id = c.case_id;

-- The serial numbers of a day: where the day began is written once, and the sequence never makes anybody wait.
-- name: serials
WITH today AS (
    INSERT INTO serial_day (day, base)
    SELECT %(day)s, CASE WHEN is_called THEN last_value ELSE 0 END FROM case_serial
    WHERE NOT EXISTS (SELECT FROM serial_day WHERE day = %(day)s)
    ON CONFLICT (day) DO NOTHING RETURNING base
), base AS (
    SELECT base FROM today UNION ALL SELECT base FROM serial_day WHERE day = %(day)s LIMIT 1
)
SELECT nextval('case_serial') - base.base AS serial FROM base, generate_series(1, %(count)s);
