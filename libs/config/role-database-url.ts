import { withCredentials } from '@portico/kernel/database-url'

/**
 * `databaseUrl` for one restricted role: whatever credentials it carried are replaced, so that a service never works as the owner. Poolers
 * of many tenants (Supavisor) want `role.tenant`: what stands behind the dot of the given name is kept.
 * The password is `deriveRolePassword(masterKey, role)`.
 */
export function roleDatabaseUrl(databaseUrl: string, role: string, password: string): string {
  return withCredentials(databaseUrl, (given) => {
    const dot = given.indexOf('.')
    return { username: dot < 0 ? role : `${role}${given.slice(dot)}`, password }
  })
}
