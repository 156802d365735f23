-- Facts: how far this centre has told of its own cases, and what it was told of the cases below, with their sums.

SET LOCAL lock_timeout = '5s';

-- What was journalled lately is looked through again before it counts as told; the journal lies in the order of its times.
CREATE INDEX event_recorded ON event USING brin (recorded_at) WITH (pages_per_range = 16);

-- One row: everything journalled until then was told. Without a time everything is told anew.
CREATE TABLE feed_telling (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    told_until timestamptz
);
INSERT INTO feed_telling DEFAULT VALUES;

-- One row: which reading of the feeds this is. A new one begins with empty tables and reads the topics from their beginning.
CREATE TABLE feed_reading (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1),
    summarised_before date NOT NULL DEFAULT '-infinity'
);
INSERT INTO feed_reading DEFAULT VALUES;

-- Up to when each centre has told.
CREATE TABLE feed_source (
    centre text PRIMARY KEY,
    told_until timestamptz NOT NULL
);

-- The newest fact of each case, by the month of its registration. `tallied` is what it added to the sums.
CREATE TABLE fact (
    month date NOT NULL,
    case_id uuid NOT NULL,
    centre text NOT NULL,
    number text NOT NULL,
    epoch integer NOT NULL,
    version integer NOT NULL,
    journal_length bigint NOT NULL,
    holder text NOT NULL,
    unit text NOT NULL,
    state text NOT NULL,
    item text NOT NULL,
    offered boolean NOT NULL,
    suspended boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    resolved_at timestamptz,
    due_at timestamptz NOT NULL,
    told_at timestamptz NOT NULL,
    tallied jsonb NOT NULL,
    PRIMARY KEY (case_id, month)
) PARTITION BY RANGE (month);

-- What is open is small beside what was ever registered: the wallboard counts it whenever it is asked.
CREATE INDEX fact_open ON fact (centre, due_at) INCLUDE (holder, offered, suspended) WHERE resolved_at IS NULL;
CREATE INDEX fact_number ON fact (number);

-- Sums by the month, for four measures by the day, that begins at `since`.
CREATE TABLE tally (
    since date NOT NULL,
    measure text NOT NULL,
    detail text NOT NULL,
    centre text NOT NULL,
    matter_class text NOT NULL,
    many bigint NOT NULL,
    PRIMARY KEY (since, measure, detail, centre, matter_class)
);

-- Makes the partition of a month when it is not there yet; who comes second waits for the first and finds it.
CREATE FUNCTION make_fact_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'fact_' || to_char(wanted, 'YYYYMM');
BEGIN
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF fact FOR VALUES FROM (%L) TO (%L)',
            name, wanted, wanted + interval '1 month');
    END IF;
END $$;
