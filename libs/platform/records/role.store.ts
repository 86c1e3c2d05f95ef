import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { onPlatform } from '../platform-errors.js'
import { writePlatformAudit, type PlatformAudit } from './platform-audit.store.js'

/** A role of a tenant's own. */
export interface RoleRow {
  tenantId: string
  name: string
  description: string
  permissions: string[]
  createdAt: Date
  updatedAt: Date
}

type Roles = Pick<PlatformDb, 'role'>

export function findRole(db: Roles, tenantId: string, name: string): Promise<RoleRow | null> {
  return onPlatform(() => db.role.findUnique({ where: { tenantId_name: { tenantId, name } } }))
}

export function listRoles(db: Roles, tenantId: string): Promise<RoleRow[]> {
  return onPlatform(() => db.role.findMany({ where: { tenantId }, orderBy: { name: 'asc' }, take: 200 }))
}

/** Throws Prisma's unique violation when the name is taken. */
export async function insertRole(
  db: PlatformDb,
  by: Caller,
  role: Pick<RoleRow, 'name' | 'description' | 'permissions'>,
  now: Date,
): Promise<RoleRow> {
  const { tenantId } = by
  const [row] = await onPlatform(() =>
    db.$transaction([
      db.role.create({ data: { ...role, tenantId, createdAt: now, updatedAt: now } }),
      writePlatformAudit(db, by, aboutRole(by, role.name, 'role.created', { permissions: role.permissions }), now),
    ]),
  )
  return row
}

/** `null` when there is no such role. */
export async function updateRole(
  db: PlatformDb,
  by: Caller,
  name: string,
  change: { description?: string; permissions?: string[] },
  now: Date,
): Promise<RoleRow | null> {
  const { tenantId } = by
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.role.updateManyAndReturn({ where: { tenantId, name }, data: { ...change, updatedAt: now } })
      if (!row) return null
      await writePlatformAudit(tx, by, aboutRole(by, name, 'role.changed', { permissions: row.permissions }), now)
      return row
    }),
  )
}

/** `in_use`: somebody has it, and would be left with no permission at all. */
export async function deleteRole(db: PlatformDb, by: Caller, name: string, now: Date): Promise<'removed' | 'in_use' | 'none'> {
  const { tenantId } = by
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      // Changes of members wait here too.
      await tx.$queryRaw`select 1 from platform.tenant where id = ${tenantId}::uuid for update`
      if ((await tx.member.count({ where: { tenantId, role: name } })) > 0) return 'in_use'
      const { count } = await tx.role.deleteMany({ where: { tenantId, name } })
      if (count === 0) return 'none'
      await writePlatformAudit(tx, by, aboutRole(by, name, 'role.removed', {}), now)
      return 'removed'
    }),
  )
}

function aboutRole(
  by: Caller,
  name: string,
  action: PlatformAudit['action'],
  metadata: NonNullable<PlatformAudit['metadata']>,
): PlatformAudit {
  return { tenantId: by.tenantId, action, resource: 'role', resourceId: name, metadata }
}
