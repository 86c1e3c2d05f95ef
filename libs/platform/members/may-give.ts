import type { PlatformDb } from '@portico/database/platform-db'
import { invalidField } from '@portico/kernel/auth-error'
import { isBuiltInRole } from '@portico/kernel/permissions'
import type { Caller } from '../caller.js'
import { findRole } from '../records/role.store.js'
import { readPermissionsOfRole } from '../roles/permissions-of-role.js'
import { requireHeld } from '../roles/require-held.js'

/** Throws for a role that the tenant does not have. */
export async function requireRole(db: PlatformDb, tenantId: string, role: string): Promise<void> {
  if (isBuiltInRole(role) || (await findRole(db, tenantId, role)) !== null) return
  throw invalidField('role', 'not_found', 'This must be owner, admin, editor, viewer or a role of the tenant.')
}

/** See `requireHeld`. */
export async function requireAtMost(db: PlatformDb, caller: Caller, role: string): Promise<void> {
  requireHeld(caller, await readPermissionsOfRole(db, caller.tenantId, role))
}
