-- Books in editions: the city's catalogue, which travels down to every centre, and the routing rules of a centre. The
-- first edition comes with the handbook file and is not stored.

SET LOCAL lock_timeout = '5s';

CREATE TABLE edition (
    book text NOT NULL CHECK (book IN ('catalogue', 'routing')),
    number integer NOT NULL CHECK (number >= 2),
    edition_id uuid NOT NULL UNIQUE,
    version text NOT NULL CHECK (version <> ''),
    state text NOT NULL CHECK (state IN ('draft', 'published', 'superseded')),
    revision integer NOT NULL CHECK (revision >= 1),
    rows jsonb NOT NULL CHECK (jsonb_typeof(rows) = 'array'),
    centre text NOT NULL CHECK (centre <> ''),
    drafted_by text NOT NULL CHECK (drafted_by <> ''),
    drafted_at timestamptz NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (book, number),
    UNIQUE (book, version),
    CONSTRAINT published_by_second CHECK (published_by <> drafted_by),
    CONSTRAINT published_is_signed CHECK ((state = 'draft') = (published_by = '' AND published_at IS NULL))
);

CREATE UNIQUE INDEX edition_draft ON edition (book) WHERE state = 'draft';
CREATE UNIQUE INDEX edition_published ON edition (book) WHERE state = 'published';

-- What is published never changes again, whatever program tries: it is only superseded.
CREATE FUNCTION edition_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (NEW.rows, NEW.version, NEW.edition_id, NEW.drafted_by, NEW.published_by, NEW.published_at)
            IS DISTINCT FROM (OLD.rows, OLD.version, OLD.edition_id, OLD.drafted_by, OLD.published_by, OLD.published_at))
    THEN
        RAISE EXCEPTION 'a published edition never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER edition_stands BEFORE UPDATE OR DELETE ON edition FOR EACH ROW EXECUTE FUNCTION edition_stands();

-- Up to which catalogue a child was sent; whoever joins later is brought up to date by the row that is missing.
CREATE TABLE edition_sent (
    neighbour text PRIMARY KEY,
    number integer NOT NULL
);
