const ROLE = /\bportico_(data|control|worker|maintenance|backup)\b/g

/** SQL with the names that the roles have in this installation. */
export type RoleNames = (sql: string) => string

/**
 * Roles belong to the server and not to a database: two installations with the same names would set each other's passwords. The files say
 * `portico_…`, and what they are recorded by is their text as it stands there.
 */
export function roleNames(prefix = 'portico'): RoleNames {
  if (!/^[a-z][a-z0-9_]*$/.test(prefix)) throw new TypeError('the prefix of roles is no plain name')
  return (sql) => sql.replaceAll(ROLE, `${prefix}_$1`)
}
