import type { PlatformDb } from '@portico/database/platform-db'
import { isBuiltInRole, isOperators, isPermission, permissionsOfRole, type Permission } from '@portico/kernel/permissions'
import { findRole } from '../records/role.store.js'
import { homeTenantId } from '../records/tenant.store.js'

/** What a role allows in a tenant. One that is gone allows nothing. */
export async function readPermissionsOfRole(db: PlatformDb, tenantId: string, role: string): Promise<Permission[]> {
  if (isBuiltInRole(role)) return permissionsOfRole(role, (await homeTenantId(db)) === tenantId)
  const own = await findRole(db, tenantId, role)
  return own ? own.permissions.filter(isPermission).filter((permission) => !isOperators(permission)) : []
}
