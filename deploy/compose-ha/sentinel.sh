#!/bin/sh
# One of three: two of them agree that the primary is gone, and make the replica the primary. The file is its memory, so it is written once.
set -eu
program=$(command -v valkey-server || command -v redis-server)
file=$VALKEY_DATA/sentinel.conf
if [ ! -s "$file" ]; then
  cat > "$file" <<END
port ${SENTINEL_ADDRESS#*:}
dir $VALKEY_DATA
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip ${SENTINEL_ADDRESS%:*}
sentinel announce-port ${SENTINEL_ADDRESS#*:}
sentinel monitor portico ${VALKEY_FIRST%:*} ${VALKEY_FIRST#*:} 2
sentinel auth-pass portico $VALKEY_PASSWORD
sentinel down-after-milliseconds portico 3000
sentinel failover-timeout portico 10000
sentinel parallel-syncs portico 1
END
fi
exec "$program" "$file" --sentinel
