-- Time limits: the clocks of each case in its shared state, what the sweeper needs of those that run here, what fired.

SET LOCAL lock_timeout = '5s';

ALTER TABLE case_file ADD COLUMN limits jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(limits) = 'array');

-- One row a clock of a case that this centre holds or held. Everything here follows from the case and the calendar; it
-- is derived when the case is saved, so that a sweep need not know the rules. `fire_at` are the times of `rungs`, `fired`
-- of them have had their turn, `next_fire_at` is that of the next one. No foreign key: the case is saved in the same
-- statement, and an intake is not to pay for looking it up.
CREATE TABLE case_limit (
    limit_id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    code text NOT NULL CHECK (code <> ''),
    due_at timestamptz NOT NULL,
    ended boolean NOT NULL,
    rungs text[] NOT NULL,
    fire_at timestamptz[] NOT NULL,
    fired smallint NOT NULL CHECK (fired >= 0),
    next_fire_at timestamptz,
    -- Set while `due_at` is provisional: the last day with a notice on holidays when it was derived.
    provisional_after date,
    CONSTRAINT rung_has_time CHECK (cardinality(rungs) = cardinality(fire_at))
) WITH (fillfactor = 80);

CREATE INDEX case_limit_next ON case_limit (next_fire_at) WHERE next_fire_at IS NOT NULL;
CREATE INDEX case_limit_running ON case_limit (due_at, limit_id) INCLUDE (code) WHERE NOT ended;
CREATE INDEX case_limit_provisional ON case_limit (provisional_after) WHERE provisional_after IS NOT NULL;

-- Each rung of a limit once; told when its consequences stand in the journal of the case.
CREATE TABLE limit_firing (
    limit_id uuid NOT NULL,
    rung text NOT NULL,
    case_id uuid NOT NULL,
    code text NOT NULL,
    fire_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    fired_at timestamptz NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (limit_id, rung)
);

CREATE INDEX limit_firing_untold ON limit_firing (fire_at) WHERE told_at IS NULL;
