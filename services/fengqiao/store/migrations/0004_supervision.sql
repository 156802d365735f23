-- Supervision: orders on the ladder of bodies, the ledger of points, what bodies outside the chain may read and have read.
-- All of it follows from the journals of cases and stands here for lists, timers, and what may happen only once.

SET LOCAL lock_timeout = '5s';

-- One row an order that this centre knows of, as it stands; the centre that opened it moves it. No foreign key: a case
-- that comes with its journal is saved after it.
CREATE TABLE supervision_order (
    order_id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    centre text NOT NULL CHECK (centre <> ''),
    level integer NOT NULL CHECK (level BETWEEN 1 AND 5),
    turn integer NOT NULL CHECK (turn >= 1),
    ground text NOT NULL CHECK (ground IN ('red_warning', 'unsatisfied', 'repeated_return', 'reopened', 'not_remedied',
        'limit_passed')),
    since timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('remedied', 'explained', 'not_remedied', 'transferred')),
    closed boolean GENERATED ALWAYS AS (outcome IS NOT NULL AND outcome <> 'not_remedied') STORED,
    changed_at timestamptz NOT NULL,
    CONSTRAINT opened_by_an_event CHECK ((level = 1) = (ground NOT IN ('not_remedied', 'limit_passed')))
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX supervision_order_one_open ON supervision_order (case_id, centre) WHERE NOT closed;
CREATE INDEX supervision_order_open ON supervision_order (level, due_at, order_id) WHERE NOT closed;
CREATE INDEX supervision_order_due ON supervision_order (due_at) WHERE outcome IS NULL;

-- The ledger of the units of this centre: entries and reversals, neither ever changed nor taken out.
CREATE TABLE points_entry (
    entry_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('deduction', 'reversal')),
    case_id uuid NOT NULL,
    unit text NOT NULL CHECK (unit <> ''),
    rule text NOT NULL CHECK (rule <> ''),
    points integer NOT NULL CHECK (points > 0),
    limit_id uuid,
    limit_code text NOT NULL,
    rung text NOT NULL,
    reverses uuid UNIQUE REFERENCES points_entry,
    by text NOT NULL CHECK (by <> ''),
    at timestamptz NOT NULL,
    epoch integer NOT NULL,
    reason text NOT NULL,
    CONSTRAINT reversal_reverses CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CONSTRAINT rung_whole CHECK ((limit_id IS NULL) = (rung = '') AND (limit_id IS NULL) = (limit_code = '')),
    CONSTRAINT by_hand_has_reason CHECK (kind = 'reversal' OR limit_id IS NOT NULL OR reason <> '')
);

-- A rung costs points once, whoever tells it and however often.
CREATE UNIQUE INDEX points_entry_once ON points_entry (limit_id, rung) WHERE kind = 'deduction' AND limit_id IS NOT NULL;
CREATE INDEX points_entry_at ON points_entry (at DESC, entry_id) WHERE kind = 'deduction';
CREATE INDEX points_entry_case ON points_entry (case_id);

CREATE TABLE points_appeal (
    entry_id uuid PRIMARY KEY REFERENCES points_entry,
    by text NOT NULL CHECK (by <> ''),
    at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> '')
);

CREATE TABLE points_decision (
    entry_id uuid PRIMARY KEY REFERENCES points_appeal,
    upheld boolean NOT NULL,
    by text NOT NULL CHECK (by <> ''),
    entered_by text NOT NULL,
    appealed_by text NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    CONSTRAINT decided_by_another CHECK (by <> entered_by AND by <> appealed_by)
);

CREATE FUNCTION points_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of points is never changed' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER points_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON points_entry EXECUTE FUNCTION points_stay();
CREATE TRIGGER points_appeal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON points_appeal EXECUTE FUNCTION points_stay();
CREATE TRIGGER points_decision_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON points_decision EXECUTE FUNCTION points_stay();

-- What bodies outside the chain may read at this centre, and each time that they did.
CREATE TABLE access_grant (
    grant_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    case_id uuid NOT NULL,
    level integer NOT NULL,
    body text NOT NULL CHECK (body <> ''),
    purpose text NOT NULL CHECK (purpose <> ''),
    by text NOT NULL CHECK (by <> ''),
    at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT granted_for_a_time CHECK (until > at)
);

CREATE INDEX access_grant_body ON access_grant (body, until DESC);
CREATE INDEX access_grant_order ON access_grant (order_id);

CREATE TABLE access_reading (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grant_id uuid NOT NULL REFERENCES access_grant,
    login text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX access_reading_grant ON access_reading (grant_id, at DESC);

-- What the board of supervision looks for, without going through the journals.
CREATE INDEX event_reminded ON event (at DESC) WHERE kind = 'reminded';
CREATE INDEX event_red ON event (at DESC) WHERE kind = 'limit_breached' AND details ->> 'rung' = 'red';
CREATE INDEX case_file_suspended ON case_file (case_id) WHERE role = 'holder' AND course ? 'suspension';
-- A new case has no unit yet, so an intake does not pay for this.
CREATE INDEX case_file_unit ON case_file (unit, registered_at) WHERE role = 'holder' AND unit <> '';
