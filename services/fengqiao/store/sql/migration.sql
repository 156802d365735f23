-- name: table
CREATE TABLE IF NOT EXISTS schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL
);

-- name: applied
SELECT number, name, checksum FROM schema_migration ORDER BY number;

-- name: record
INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES (%(number)s, %(name)s, %(checksum)s, %(now)s);

-- name: lock
SELECT pg_advisory_xact_lock(%(key)s);

-- name: lock_timeout
SELECT set_config('lock_timeout', %(timeout)s, true), set_config('statement_timeout', %(statement_timeout)s, true);
