import type { PlatformDb } from '@portico/database/platform-db'
import type { ApiKeyRow, NewApiKey } from './api-key.store.js'
import type { Caller } from '../caller.js'
import type { PageRequest } from '../paging.js'
import { writePlatformAudit } from './platform-audit.store.js'
import { onPlatform } from '../platform-errors.js'

export interface TenantRow {
  id: string
  name: string
  slug: string
  createdAt: Date
  updatedAt: Date
}

const COLUMNS = { id: true, name: true, slug: true, createdAt: true, updatedAt: true } as const

/** The tenant, its first key and the audit row, or nothing. Throws Prisma's unique violation when the slug is taken. */
export async function insertTenant(
  db: PlatformDb,
  by: Caller | null,
  tenant: { id: string; name: string; slug: string },
  key: NewApiKey,
  now: Date,
): Promise<{ tenant: TenantRow; key: ApiKeyRow }> {
  const [row, keyRow] = await onPlatform(() =>
    db.$transaction([
      db.tenant.create({ data: { ...tenant, createdAt: now, updatedAt: now }, select: COLUMNS }),
      db.apiKey.create({ data: { ...key, createdAt: now } }),
      writePlatformAudit(
        db,
        by,
        { tenantId: tenant.id, action: 'tenant.created', resource: 'tenant', resourceId: `tnt_${tenant.id}`, metadata: { keyPrefix: key.prefix } },
        now,
      ),
    ]),
  )
  return { tenant: row, key: keyRow }
}

export async function hasTenant(db: PlatformDb): Promise<boolean> {
  return (await onPlatform(() => db.tenant.findFirst({ select: { id: true } }))) !== null
}

export async function listTenants(db: PlatformDb, page: PageRequest): Promise<{ rows: TenantRow[]; total: number }> {
  const after = page.after
  const [rows, total] = await onPlatform(() =>
    Promise.all([
      db.tenant.findMany({
        ...(after && { where: { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { gt: after.id } }] } }),
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        skip: page.offset,
        take: page.limit + 1,
        select: COLUMNS,
      }),
      db.tenant.count(),
    ]),
  )
  return { rows, total }
}
