#!/bin/sh
# One of two Valkeys: a replica of whichever the sentinels call the primary, of VALKEY_FIRST while none of them answers.
set -eu
find_program() { command -v "valkey-$1" || command -v "redis-$1"; }
server=$(find_program server)
cli=$(find_program cli)
host=${VALKEY_ADDRESS%:*}
port=${VALKEY_ADDRESS#*:}
primary=$VALKEY_FIRST
for sentinel in $VALKEY_SENTINELS; do
  answer=$(timeout 2 "$cli" -h "${sentinel%:*}" -p "${sentinel#*:}" sentinel get-master-addr-by-name portico 2>/dev/null | tr '\n' ':') || continue
  [ "$(printf %s "$answer" | tr -cd : | wc -c)" = 2 ] || continue
  primary=${answer%:}
  break
done
set -- --port "$port" --dir "$VALKEY_DATA" --requirepass "$VALKEY_PASSWORD" --masterauth "$VALKEY_PASSWORD" \
  --replica-announce-ip "$host" --replica-announce-port "$port" --appendonly yes --maxmemory-policy noeviction
[ "$primary" = "$VALKEY_ADDRESS" ] || set -- "$@" --replicaof "${primary%:*}" "${primary#*:}"
exec "$server" "$@"
