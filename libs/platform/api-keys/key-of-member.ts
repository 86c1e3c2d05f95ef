import type { PlatformDb } from '@portico/database/platform-db'
import { permissionOfScope } from '@portico/kernel/permissions'
import type { ApiKeyRow } from '../records/api-key.store.js'
import { findMember } from '../records/member.store.js'
import { readPermissionsOfRole } from '../roles/permissions-of-role.js'

/** A key of somebody's machine shrinks with its owner's role, and is none (`null`) once they have left. */
export async function asItsOwnerMay(db: PlatformDb, row: ApiKeyRow | null): Promise<ApiKeyRow | null> {
  if (row === null || row.userId === null) return row
  const member = await findMember(db, row.tenantId, row.userId)
  if (!member) return null
  const allowed = new Set(await readPermissionsOfRole(db, row.tenantId, member.role))
  const scopes = row.scopes.filter((scope) => {
    const permission = permissionOfScope(scope)
    return permission !== null && allowed.has(permission)
  })
  return { ...row, scopes }
}
