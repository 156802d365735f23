-- Time limits: the clocks of each case in its shared state, what the sweeper needs of those that run here, what fired.

SET LOCAL lock_timeout = '5s';

ALTER TABLE case_file ADD COLUMN limits jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(limits) = 'array');

-- One row a clock of a case that this centre holds or held, for lists and figures. Everything here follows from the case
-- and the calendar; it is derived when the case is saved. No foreign key: the case is saved in the same statement, and an
-- intake is not to pay for looking it up.
CREATE TABLE case_limit (
    limit_id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    code text NOT NULL CHECK (code <> ''),
    due_at timestamptz NOT NULL,
    ended boolean NOT NULL,
    -- Set while `due_at` is provisional: the last day with a notice on holidays when it was derived.
    provisional_after date
) WITH (fillfactor = 80);

CREATE INDEX case_limit_running ON case_limit (due_at, limit_id) INCLUDE (code) WHERE NOT ended;
CREATE INDEX case_limit_provisional ON case_limit (provisional_after) WHERE provisional_after IS NOT NULL;

-- Each rung of a limit once: when it is due here (`wake_at`; null when it is not, or no longer, ours to fire), when it
-- fired, and when its consequences stood in the journal of the case. A sweep touches nothing but this table, and of its
-- indexes only what fires; `fire_at` is the time of the rung, `wake_at` never lies before it.
CREATE TABLE limit_rung (
    limit_id uuid NOT NULL,
    rung text NOT NULL,
    case_id uuid NOT NULL,
    code text NOT NULL,
    fire_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    wake_at timestamptz,
    fired_at timestamptz,
    told_at timestamptz,
    PRIMARY KEY (limit_id, rung),
    CONSTRAINT not_early CHECK (wake_at >= fire_at),
    CONSTRAINT told_has_fired CHECK (told_at IS NULL OR fired_at IS NOT NULL)
) WITH (fillfactor = 80);

CREATE INDEX limit_rung_next ON limit_rung (wake_at) WHERE fired_at IS NULL AND wake_at IS NOT NULL;
CREATE INDEX limit_rung_untold ON limit_rung (fire_at) WHERE fired_at IS NOT NULL AND told_at IS NULL;
