#!/bin/sh
# What the image's entry point does of what we use: a cluster at the first start, its owner and one database, and no rights of root.
set -eu
if [ "$1" = postgres ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres "$PGDATA"
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust > /dev/null
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  # On no address, as the image does, so that nobody takes it for the real one.
  pg_ctl -w -o "-c listen_addresses=''" start > /dev/null
  [ "$POSTGRES_DB" = postgres ] || psql --username="$POSTGRES_USER" --dbname=postgres --quiet --command="create database \"$POSTGRES_DB\""
  pg_ctl -w -m fast stop > /dev/null
fi
exec "$@"
