import { RolePasswords } from '@portico/postgres/role-passwords'
import type { ServerWatch } from '@portico/postgres/server-watch'

/** How a process reaches the database under its role. */
export interface RoleConnection {
  connectionString: string
  /** Absent: the one in the connection string. */
  passwords?: RolePasswords
  /** In a process that answers requests: one for all its pools. */
  watch?: ServerWatch
}

/** One for the whole process, so that all its pools learn of a changed password together. */
export function roleConnection(connectionString: string, passwords: readonly [string, ...string[]]): RoleConnection {
  return passwords.length === 1 ? { connectionString } : { connectionString, passwords: new RolePasswords(passwords) }
}
