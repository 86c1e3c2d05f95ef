import { ServerWatch } from '@portico/postgres/server-watch'
import type { RoleConnection } from './role-connection.js'

/** For a process that answers requests: what each of them waits for this server is bounded, by all its pools together (promise P6). */
export function watched(connection: RoleConnection): RoleConnection & { watch: ServerWatch } {
  return { ...connection, watch: new ServerWatch() }
}

/** For a copy of that server: on the same time. */
export function watchedCopy(connection: RoleConnection, primary: ServerWatch): RoleConnection {
  return { ...connection, watch: primary.ofCopy() }
}
