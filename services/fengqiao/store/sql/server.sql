-- name: databases
SELECT datname FROM pg_database;
