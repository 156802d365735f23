-- The database of one centre. State rules stand here as CHECK constraints too, so that no program can store what the
-- rules forbid. Text columns that hold a value of the domain name its values.

CREATE TABLE case_file (
    case_id uuid PRIMARY KEY,
    number text NOT NULL,
    origin text NOT NULL CHECK (origin <> ''),
    first_receiver_centre text NOT NULL CHECK (first_receiver_centre <> ''),
    first_receiver_unit text NOT NULL CHECK (first_receiver_unit <> ''),
    first_receiver_fixed boolean NOT NULL,
    holder text NOT NULL CHECK (holder <> ''),
    epoch integer NOT NULL CHECK (epoch >= 1),
    version integer NOT NULL CHECK (version >= 1),
    state text NOT NULL CHECK (state IN ('registered', 'assigned', 'resolved')),
    kind text NOT NULL CHECK (kind IN ('request', 'dispute', 'field_event', 'opinion')),
    request_type text NOT NULL CHECK (request_type IN ('consultation', 'help', 'complaint', 'report', 'proposal')),
    channel text NOT NULL CHECK (channel IN ('hotline', 'window', 'desk', 'qr', 'grid', 'letter')),
    title text NOT NULL CHECK (title <> '' AND length(title) <= 200),
    text text NOT NULL CHECK (text <> '' AND length(text) <= 4000),
    place text NOT NULL,
    urgent boolean NOT NULL,
    unit text NOT NULL,
    offer_id uuid,
    offer_to text,
    offer_direction text CHECK (offer_direction IN ('up', 'down')),
    offer_epoch integer,
    offer_reason text,
    offered_at timestamptz,
    offer_withdrawing boolean,
    closing text CHECK (closing IN ('solved', 'explained', 'referred', 'withdrawn')),
    result text NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    resolved_at timestamptz,
    reference text NOT NULL,
    role text NOT NULL CHECK (role IN ('holder', 'candidate', 'follower', 'bystander')),
    audience text[] NOT NULL,
    journal_length integer NOT NULL CHECK (journal_length >= 1),
    journal_hash bytea NOT NULL CHECK (length(journal_hash) = 32),
    CONSTRAINT resolved_has_result CHECK ((state = 'resolved') = (closing IS NOT NULL AND resolved_at IS NOT NULL AND result <> '')),
    CONSTRAINT assigned_has_unit CHECK (state <> 'assigned' OR (unit <> '' AND first_receiver_fixed)),
    CONSTRAINT offer_whole CHECK (num_nulls(offer_id, offer_to, offer_direction, offer_epoch, offer_reason, offered_at, offer_withdrawing) IN (0, 7)),
    CONSTRAINT offer_next_epoch CHECK (offer_epoch IS NULL OR offer_epoch = epoch + 1),
    CONSTRAINT resolved_not_offered CHECK (state <> 'resolved' OR offer_id IS NULL),
    CONSTRAINT candidate_has_offer CHECK (role <> 'candidate' OR offer_id IS NOT NULL)
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX case_file_number ON case_file (number);
CREATE UNIQUE INDEX case_file_reference ON case_file (origin, reference) WHERE reference <> '';
CREATE INDEX case_file_updated ON case_file (updated_at DESC, case_id DESC);
CREATE INDEX case_file_registered ON case_file (registered_at DESC, case_id DESC);
CREATE INDEX case_file_role_state ON case_file (role, state, updated_at DESC, case_id DESC);

CREATE TABLE directive (
    directive_id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    issuer text NOT NULL CHECK (issuer <> ''),
    recipient text NOT NULL CHECK (recipient <> '' AND recipient <> issuer),
    unit text NOT NULL,
    title text NOT NULL CHECK (title <> '' AND length(title) <= 200),
    text text NOT NULL CHECK (text <> '' AND length(text) <= 4000),
    cases uuid[] NOT NULL,
    urgent boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('issued', 'received', 'done', 'approved', 'sent_back')),
    version integer NOT NULL CHECK (version >= 1),
    report text NOT NULL,
    issued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    journal_length integer NOT NULL CHECK (journal_length >= 1),
    journal_hash bytea NOT NULL CHECK (length(journal_hash) = 32),
    CONSTRAINT done_has_report CHECK (state NOT IN ('done', 'approved') OR report <> '')
);

CREATE INDEX directive_updated ON directive (updated_at DESC, directive_id DESC);
CREATE INDEX directive_cases ON directive USING gin (cases);

-- The journal of each case and directive: a hash chain in the order in which this centre took the events in.
CREATE TABLE event (
    subject uuid NOT NULL,
    position integer NOT NULL CHECK (position >= 1),
    id uuid NOT NULL,
    kind text NOT NULL,
    centre text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    epoch integer NOT NULL,
    details jsonb NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (subject, position)
);

CREATE UNIQUE INDEX event_id ON event (id);

-- How a reporter may be reached; stays at the centre that took the case in and is never sent.
CREATE TABLE contact (
    case_id uuid PRIMARY KEY REFERENCES case_file,
    name text NOT NULL,
    phone text NOT NULL
);

CREATE TABLE attachment (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL
);

-- One row a neighbour: both directions of the edge.
CREATE TABLE edge (
    neighbour text PRIMARY KEY,
    sent_seq bigint NOT NULL DEFAULT 0,
    acked_seq bigint NOT NULL DEFAULT 0,
    received_seq bigint NOT NULL DEFAULT 0,
    received_at timestamptz,
    CONSTRAINT acknowledged_was_sent CHECK (acked_seq <= sent_seq)
) WITH (fillfactor = 50);

-- Written with the decision, without a number; the relay numbers the rows it sees. Deleted when the receiver has them.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    neighbour text NOT NULL,
    message_id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    subject uuid NOT NULL,
    urgent boolean NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    traceparent text NOT NULL,
    seq bigint
) WITH (fillfactor = 70);

CREATE INDEX outbox_unnumbered ON outbox (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX outbox_numbered ON outbox (neighbour, seq) WHERE seq IS NOT NULL;

-- Every number that was taken in. The envelope stays while the message waits, is parked, or lies beyond a gap.
CREATE TABLE inbox (
    neighbour text NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    message_id uuid NOT NULL,
    type text NOT NULL,
    subject uuid,
    state text NOT NULL CHECK (state IN ('done', 'ahead', 'waiting', 'parked', 'dropped')),
    attempts integer NOT NULL,
    next_try_at timestamptz,
    reason text NOT NULL,
    envelope bytea,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (neighbour, seq),
    CONSTRAINT kept_until_done CHECK ((state IN ('ahead', 'waiting', 'parked')) = (envelope IS NOT NULL)),
    CONSTRAINT waiting_has_time CHECK ((state = 'waiting') = (next_try_at IS NOT NULL))
);

CREATE INDEX inbox_open ON inbox (subject, neighbour, seq) WHERE state IN ('ahead', 'waiting', 'parked');
CREATE INDEX inbox_due ON inbox (next_try_at) WHERE state = 'waiting';

CREATE TABLE dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    neighbour text NOT NULL,
    seq bigint,
    carrier text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    type text NOT NULL,
    subject uuid,
    code text NOT NULL,
    params jsonb NOT NULL,
    payload bytea NOT NULL,
    parked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('parked', 'replayed', 'dropped')),
    closed_at timestamptz,
    published_at timestamptz
);

CREATE INDEX dead_letter_open ON dead_letter (id) WHERE state = 'parked';
CREATE INDEX dead_letter_unpublished ON dead_letter (id) WHERE published_at IS NULL;
-- Kafka delivers again what was not committed; an unreadable record is parked once.
CREATE UNIQUE INDEX dead_letter_record ON dead_letter (topic, partition, record_offset) WHERE seq IS NULL AND topic <> '';

-- Which process of this centre does a task that only one may do at a time.
CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL
);

-- Numbers of cases and directives: a sequence that never waits, and where each day began in it.
CREATE SEQUENCE case_serial;
CREATE TABLE serial_day (
    day date PRIMARY KEY,
    base bigint NOT NULL
);

CREATE TABLE account (
    login text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL
);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    login text NOT NULL REFERENCES account ON DELETE CASCADE,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
