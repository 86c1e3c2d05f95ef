import { ALL_PERMISSIONS, isChanging, permissionOfScope, scopeOf, TENANT_PERMISSIONS, type Permission } from '@portico/kernel/permissions'

/** What a tenant's key may be allowed to do. */
export const TENANT_SCOPES: readonly string[] = TENANT_PERMISSIONS.map(scopeOf)

/** With the operator's, which only the bootstrap key has, and keys made with that one. */
export const ALL_SCOPES: readonly string[] = ALL_PERMISSIONS.map(scopeOf)

/** What a key may do. A scope of a later release, after a step back, allows nothing. */
export function permissionsOfKey(key: { scopes: readonly string[]; readOnly: boolean }): ReadonlySet<Permission> {
  const permissions = key.scopes.map(permissionOfScope).filter((permission) => permission !== null)
  return new Set(key.readOnly ? permissions.filter((permission) => !isChanging(permission)) : permissions)
}
