import { RolePasswords } from '@portico/postgres/role-passwords'

/** How a process reaches the database under its role. */
export interface RoleConnection {
  connectionString: string
  /** Absent: the one in the connection string. */
  passwords?: RolePasswords
}

/** One for the whole process, so that all its pools learn of a changed password together. */
export function roleConnection(connectionString: string, passwords: readonly [string, ...string[]]): RoleConnection {
  return passwords.length === 1 ? { connectionString } : { connectionString, passwords: new RolePasswords(passwords) }
}
