-- Drilling down from a figure to the cases of one centre, and reports that are made in the background.

SET LOCAL lock_timeout = '5s';

-- The cases of a centre in the order in which they came in; all partitions, those to come as well.
CREATE INDEX fact_centre ON fact (centre, registered_at);

-- A report of a month or a week: who wants it, how far it is, and its two files once it is made.
CREATE TABLE report (
    id uuid PRIMARY KEY,
    span text NOT NULL CHECK (span IN ('month', 'week')),
    first date NOT NULL,
    last date NOT NULL CHECK (last >= first),
    language text NOT NULL,
    wanted_by text NOT NULL,
    wanted_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'making', 'made', 'failed')),
    percent smallint NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
    maker text NOT NULL DEFAULT '',
    moved_at timestamptz NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    as_of timestamptz,
    sheet bytea,
    document bytea,
    CHECK ((state = 'made') = (sheet IS NOT NULL AND document IS NOT NULL))
);
CREATE INDEX report_open ON report (wanted_at) WHERE state IN ('waiting', 'making');
CREATE INDEX report_wanted ON report (wanted_at);
