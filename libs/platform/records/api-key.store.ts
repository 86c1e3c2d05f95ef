import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import type { PageRequest } from '@portico/kernel/paging'
import { writePlatformAudit } from './platform-audit.store.js'
import { onPlatform } from '../platform-errors.js'

export interface ApiKeyRow {
  id: string
  tenantId: string
  name: string
  prefix: string
  scopes: string[]
  /** None: all of the tenant. */
  projectIds: string[]
  readOnly: boolean
  /** The member whose machine it is: the key may do what they may, and no more. `null`: it stands for itself. */
  userId: string | null
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
  createdAt: Date
}

const COLUMNS = {
  id: true, tenantId: true, name: true, prefix: true, scopes: true, projectIds: true, readOnly: true, userId: true, expiresAt: true,
  lastUsedAt: true, revokedAt: true, createdAt: true,
} as const

export interface NewApiKey {
  id: string
  tenantId: string
  name: string
  prefix: string
  digest: Uint8Array<ArrayBuffer>
  scopes: string[]
  projectIds?: string[]
  readOnly?: boolean
  userId?: string | null
  expiresAt: Date | null
}

export function findApiKeyByDigest(db: PlatformDb, digest: Uint8Array<ArrayBuffer>): Promise<ApiKeyRow | null> {
  return onPlatform(() => db.apiKey.findUnique({ where: { digest }, select: COLUMNS }))
}

export async function insertApiKey(db: PlatformDb, by: Caller, key: NewApiKey, now: Date): Promise<ApiKeyRow> {
  const [row] = await onPlatform(() =>
    db.$transaction([
      db.apiKey.create({ data: { ...key, createdAt: now }, select: COLUMNS }),
      writePlatformAudit(
        db,
        by,
        {
          tenantId: key.tenantId,
          action: 'api_key.created',
          resource: 'api_key',
          resourceId: `key_${key.id}`,
          metadata: {
            prefix: key.prefix,
            scopes: key.scopes,
            ...(key.projectIds?.length && { projects: key.projectIds.map((id) => `proj_${id}`) }),
            ...(key.readOnly && { readOnly: true }),
          },
        },
        now,
      ),
    ]),
  )
  return row
}

/** Keys that are not revoked, newest first. */
export async function listApiKeys(db: PlatformDb, tenantId: string, page: PageRequest): Promise<{ rows: ApiKeyRow[]; total: number }> {
  const live = { tenantId, revokedAt: null }
  const after = page.after
  const [rows, total] = await onPlatform(() =>
    Promise.all([
      db.apiKey.findMany({
        where: after ? { ...live, OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { gt: after.id } }] } : live,
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        skip: page.offset,
        take: page.limit + 1,
        select: COLUMNS,
      }),
      db.apiKey.count({ where: live }),
    ]),
  )
  return { rows, total }
}

/** A live key of the tenant. */
export function findLiveApiKey(db: PlatformDb, tenantId: string, keyId: string): Promise<ApiKeyRow | null> {
  return onPlatform(() => db.apiKey.findFirst({ where: { id: keyId, tenantId, revokedAt: null }, select: COLUMNS }))
}

/** Whether there ever was a key, of any tenant. */
export async function hasApiKey(db: PlatformDb): Promise<boolean> {
  return (await onPlatform(() => db.apiKey.findFirst({ select: { id: true } }))) !== null
}

/** The key as revoked, or `null` when the tenant has no such live key. */
export async function revokeApiKey(db: PlatformDb, by: Caller, keyId: string, now: Date): Promise<ApiKeyRow | null> {
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.apiKey.updateManyAndReturn({
        where: { id: keyId, tenantId: by.tenantId, revokedAt: null },
        data: { revokedAt: now },
        select: COLUMNS,
      })
      if (!row) return null
      await writePlatformAudit(
        tx,
        by,
        {
          tenantId: by.tenantId,
          action: 'api_key.revoked',
          resource: 'api_key',
          resourceId: `key_${keyId}`,
          metadata: { prefix: row.prefix },
        },
        now,
      )
      return row
    }),
  )
}

/** At most one write a minute and key, whichever process comes first. */
export async function touchApiKey(db: PlatformDb, keyId: string, now: Date, unlessAfter: Date): Promise<void> {
  await onPlatform(() =>
    db.apiKey.updateMany({
      where: { id: keyId, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unlessAfter } }] },
      data: { lastUsedAt: now },
    }),
  )
}
