import type { PlatformDb } from '@portico/database/platform-db'
import type { ApiKeyRow, NewApiKey } from './api-key.store.js'
import type { Caller } from '../caller.js'
import type { PageRequest } from '@portico/kernel/paging'
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
        {
          tenantId: tenant.id,
          action: 'tenant.created',
          resource: 'tenant',
          resourceId: `tnt_${tenant.id}`,
          metadata: { keyPrefix: key.prefix },
        },
        now,
      ),
    ]),
  )
  return { tenant: row, key: keyRow }
}

/** The tenant of the first start, and the key of its configuration where one is given and no key was made yet. */
export async function insertHomeTenant(
  db: PlatformDb,
  id: string,
  key: Omit<NewApiKey, 'tenantId'> | null,
  now: Date,
): Promise<'made' | 'there'> {
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const { count } = await tx.tenant.createMany({
        data: [{ id, name: 'Default', slug: HOME_SLUG, createdAt: now, updatedAt: now }],
        skipDuplicates: true,
      })
      const tenantId = (await homeTenantId(tx))!
      // Of several processes at once the others wait here, and see what the first one did.
      await tx.$queryRaw`select 1 from platform.tenant where id = ${tenantId}::uuid for update`
      const keyed = key !== null && (await tx.apiKey.findFirst({ select: { id: true } })) === null
      if (keyed) await tx.apiKey.create({ data: { ...key, tenantId, createdAt: now } })
      if (count > 0) {
        const metadata = keyed ? { key_prefix: key.prefix } : {}
        await writePlatformAudit(
          tx,
          null,
          { tenantId, action: 'tenant.created', resource: 'tenant', resourceId: `tnt_${tenantId}`, metadata },
          now,
        )
      }
      return count > 0 || keyed ? 'made' : 'there'
    }),
  )
}

/** The tenant of the first start, which runs the installation. */
export const HOME_SLUG = 'default'

/** `null` before the first start. */
export async function homeTenantId(db: Pick<PlatformDb, 'tenant'>): Promise<string | null> {
  return (await onPlatform(() => db.tenant.findUnique({ where: { slug: HOME_SLUG }, select: { id: true } })))?.id ?? null
}

export async function findTenantName(db: PlatformDb, id: string): Promise<string | null> {
  return (await onPlatform(() => db.tenant.findUnique({ where: { id }, select: { name: true } })))?.name ?? null
}

/** The tenant of the console is nobody's to see. */
const LISTED = { console: { none: {} } }

export async function listTenants(db: PlatformDb, page: PageRequest): Promise<{ rows: TenantRow[]; total: number }> {
  const after = page.after
  const [rows, total] = await onPlatform(() =>
    Promise.all([
      db.tenant.findMany({
        where: after ? { ...LISTED, OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { gt: after.id } }] } : LISTED,
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        skip: page.offset,
        take: page.limit + 1,
        select: COLUMNS,
      }),
      db.tenant.count({ where: LISTED }),
    ]),
  )
  return { rows, total }
}
