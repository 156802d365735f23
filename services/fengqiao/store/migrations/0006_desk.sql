-- What desks look for: the queue that a case waits in, when it is due next, its words, and the lists that people keep.

SET LOCAL lock_timeout = '5s';

-- `stage` says what the case waits for here; `domain/stage.py` has the same rule, and a test holds both together.
-- `due_at` is when its nearest running clock is due, derived when the case is saved, `infinity` when none runs.
ALTER TABLE case_file
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN stage text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN role = 'bystander' THEN 'aside'
        WHEN role = 'candidate' THEN 'offered'
        WHEN role = 'arbiter' THEN 'arbitration'
        WHEN state = 'resolved' THEN 'closed'
        WHEN role = 'follower' THEN 'following'
        WHEN course ? 'merged_into' THEN 'merged'
        WHEN offer_id IS NOT NULL THEN 'offered_out'
        WHEN course ? 'application' THEN 'applied'
        WHEN course ? 'suspension' THEN 'suspended'
        WHEN state IN ('registered', 'accepted') THEN 'unassigned'
        WHEN state = 'assigned' THEN 'in_hand'
        WHEN state = 'submitted' THEN 'sign_off'
        WHEN state = 'signed_off' THEN 'reply'
        WHEN state = 'replied' THEN 'revisit'
        WHEN course -> 'arbitration' ->> 'to' = holder THEN 'arbitration'
        ELSE 'disputed'
    END) STORED;

UPDATE case_file SET due_at = clocks.due_at
FROM (SELECT case_id, min(due_at) AS due_at FROM case_limit WHERE NOT ended GROUP BY case_id) clocks
WHERE case_file.case_id = clocks.case_id;

-- Every queue in the order in which it burns; what is closed stands in the indexes by time.
CREATE INDEX case_file_stage ON case_file (stage, due_at, case_id) WHERE stage <> 'closed' AND stage <> 'aside';
CREATE INDEX case_file_resolved ON case_file (resolved_at, case_id) WHERE resolved_at IS NOT NULL;
CREATE INDEX case_file_place ON case_file (place, registered_at) WHERE place <> '' AND stage <> 'closed';
CREATE INDEX contact_phone ON contact (phone) WHERE phone <> '';
CREATE INDEX directive_open ON directive (recipient) WHERE state IN ('issued', 'received', 'sent_back');

-- Search over single characters and pairs of them, for most Chinese words have two. A case is registered without them,
-- and upkeep fills them in from the queue; what is still in the queue is read as it stands. The words of 10,000 cases
-- share a number, so that the newest cases are found without looking at all others that have the same words.
CREATE TABLE case_unworded (case_id uuid PRIMARY KEY);
CREATE TABLE case_word (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL,
    body text NOT NULL
);

CREATE FUNCTION case_grams(chunk bigint, body text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT chunk || ':' || gram), '{}') FROM (
        SELECT letter, letter || lead(letter) OVER (ORDER BY place) FROM unnest(string_to_array(body, NULL))
            WITH ORDINALITY AS letters (letter, place)
    ) AS pairs (letter, pair) CROSS JOIN LATERAL (VALUES (letter), (pair)) AS grams (gram)
    WHERE gram !~ '\s'
$$;

CREATE INDEX case_word_grams ON case_word USING gin (case_grams(serial / 10000, body)) WITH (fastupdate = off);

INSERT INTO case_unworded (case_id) SELECT case_id FROM case_file;

-- The lists that a person keeps: a name and the filters as the address has them.
CREATE TABLE saved_view (
    view_id uuid PRIMARY KEY,
    login text NOT NULL REFERENCES account ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 60),
    address text NOT NULL CHECK (length(address) <= 2000),
    shared boolean NOT NULL,
    saved_at timestamptz NOT NULL,
    UNIQUE (login, name)
);
