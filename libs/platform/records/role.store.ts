import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

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
export function insertRole(db: Roles, role: Omit<RoleRow, 'createdAt' | 'updatedAt'>, now: Date): Promise<RoleRow> {
  return onPlatform(() => db.role.create({ data: { ...role, createdAt: now, updatedAt: now } }))
}

export function updateRole(
  db: Roles,
  { tenantId, name }: Pick<RoleRow, 'tenantId' | 'name'>,
  change: { description?: string; permissions?: string[] },
  now: Date,
): Promise<RoleRow> {
  return onPlatform(() => db.role.update({ where: { tenantId_name: { tenantId, name } }, data: { ...change, updatedAt: now } }))
}

export async function deleteRole(db: Roles, tenantId: string, name: string): Promise<void> {
  await onPlatform(() => db.role.deleteMany({ where: { tenantId, name } }))
}
