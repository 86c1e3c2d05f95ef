#!/bin/sh
# As the images of Redis and Valkey: whoever starts the server as its first word gives up the rights of root, anything else keeps them.
set -eu
case "$1" in
  redis-server | valkey-server)
    if [ "$(id -u)" = 0 ]; then
      find . ! -user "$STORE_USER" -exec chown "$STORE_USER" '{}' +
      exec setpriv --reuid="$STORE_USER" --regid="$STORE_USER" --clear-groups -- "$0" "$@"
    fi
    ;;
esac
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
