#!/bin/sh
# Makes the cluster at the first start, runs what lies in /docker-entrypoint-initdb.d, and then listens to all.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  printf '%s' "${POSTGRES_PASSWORD:?}" > /tmp/password
  initdb --username "${POSTGRES_USER:-postgres}" --pwfile /tmp/password --auth-host "$method" --auth-local trust >/dev/null
  rm /tmp/password
  echo "host all all all $method" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --silent --options "-c listen_addresses=''" start
  [ -z "${POSTGRES_DB:-}" ] || [ "$POSTGRES_DB" = postgres ] || createdb --username "${POSTGRES_USER:-postgres}" "$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -f "$file" ] || psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --file "$file"
  done
  pg_ctl --wait --silent --mode fast stop
  echo "PostgreSQL init process complete; ready for start up."
fi
exec postgres -c listen_addresses='*' -c max_connections=300 "$@"
