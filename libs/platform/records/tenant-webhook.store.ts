import type { PlatformDb } from '@portico/database/platform-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { EventName } from '@portico/kernel/events'
import { formatId } from '@portico/kernel/ids'
import type { PageRequest } from '@portico/kernel/paging'
import type { Caller } from '../caller.js'
import { onPlatform } from '../platform-errors.js'
import { writePlatformAudit, type PlatformAudit } from './platform-audit.store.js'
import type { WebhookDelivery } from './webhook-delivery.store.js'
import type { WebhookEndpoint } from './webhook-endpoint.store.js'
import {
  refusalOf,
  REPLAYS,
  replayMetadata,
  replaysValues,
  type ReplayOutcome,
  type ReplayRefusal,
  type ReplayStart,
  type WebhookReplay,
} from './webhook-replay.store.js'

/** An endpoint of a tenant: hears all its projects, or the ones that it names. */
export interface TenantWebhookEndpoint extends WebhookEndpoint {
  projectIds: string[]
}

type Stored = TenantWebhookEndpoint & { secretSealed: Buffer }
type NewTenantWebhook = Pick<Stored, 'id' | 'url' | 'description' | 'types' | 'projectIds' | 'ordering' | 'secretSealed'>
type TenantWebhookChange = Partial<
  Omit<NewTenantWebhook, 'id'> & Pick<Stored, 'disabledAt' | 'disabledReason' | 'failingSince'>
>

export async function listTenantWebhooks(db: PlatformDb, tenantId: string): Promise<TenantWebhookEndpoint[]> {
  const rows = await onPlatform(() => db.webhookEndpoint.findMany({ where: { tenantId }, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] }))
  return rows.map(toEndpoint)
}

export async function findTenantWebhook(db: PlatformDb, tenantId: string, id: string): Promise<Stored | null> {
  const row = await onPlatform(() => db.webhookEndpoint.findFirst({ where: { tenantId, id } }))
  return row && toEndpoint(row)
}

/** `null` when the tenant has as many as it may. */
export async function insertTenantWebhook(
  db: PlatformDb,
  by: Caller,
  made: NewTenantWebhook,
  { most, now }: { most: number; now: Date },
): Promise<TenantWebhookEndpoint | null> {
  const { tenantId } = by
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      // Two at once wait for each other.
      await tx.$queryRaw`select 1 from platform.tenant where id = ${tenantId}::uuid for update`
      if ((await tx.webhookEndpoint.count({ where: { tenantId } })) >= most) return null
      const data = { ...made, tenantId, secretSealed: new Uint8Array(made.secretSealed), createdAt: now, updatedAt: now }
      const row = await tx.webhookEndpoint.create({ data })
      await writePlatformAudit(tx, by, about(by, 'webhook.created', made.id), now)
      return toEndpoint(row)
    }),
  )
}

/** `null` when there is no such endpoint. What waits for one that is turned off has failed. */
export async function saveTenantWebhook(
  db: PlatformDb,
  by: Caller,
  id: string,
  { secretSealed, ...change }: TenantWebhookChange,
  { action, turnedOff, now }: { action: EventName; turnedOff: boolean; now: Date },
): Promise<TenantWebhookEndpoint | null> {
  const { tenantId } = by
  const data = { ...change, ...(secretSealed && { secretSealed: new Uint8Array(secretSealed) }), updatedAt: now }
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.webhookEndpoint.updateManyAndReturn({ where: { tenantId, id }, data })
      if (!row) return null
      if (turnedOff) await tx.$queryRaw`select 1 from auth.end_tenant_webhook(${tenantId}::uuid, ${id}::uuid, false, ${now})`
      await writePlatformAudit(tx, by, about(by, action, id), now)
      return toEndpoint(row)
    }),
  )
}

export async function deleteTenantWebhook(db: PlatformDb, by: Caller, id: string, now: Date): Promise<boolean> {
  const { tenantId } = by
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      await tx.$queryRaw`select 1 from auth.end_tenant_webhook(${tenantId}::uuid, ${id}::uuid, true, ${now})`
      const { count } = await tx.webhookEndpoint.deleteMany({ where: { tenantId, id } })
      if (count > 0) await writePlatformAudit(tx, by, about(by, 'webhook.removed', id), now)
      return count > 0
    }),
  )
}

/** Begun and noted, or neither. */
export function startTenantReplay(db: PlatformDb, by: Caller, start: ReplayStart): Promise<ReplayRefusal | null> {
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const { endpointId, id, since, until, mostRunning, mostOfDay, now } = start
      const rows = await tx.$queryRaw<{ outcome: ReplayOutcome }[]>`select auth.start_webhook_replay(${by.tenantId}::uuid,
        ${endpointId}::uuid, ${id}::uuid, ${since}::timestamptz, ${until}::timestamptz, ${[...start.types]}::text[],
        ${mostRunning}::integer, ${mostOfDay}::bigint, ${now}::timestamptz) as outcome`
      const refusal = refusalOf(rows)
      const metadata = replayMetadata(start)
      if (!refusal) await writePlatformAudit(tx, by, { ...about(by, 'webhook.replayed', start.endpointId), metadata }, start.now)
      return refusal
    }),
  )
}

export function listTenantReplays(sql: PlatformSql, tenantId: string, of: { endpointId: string; id?: string }): Promise<WebhookReplay[]> {
  return sql.run({ name: 'webhook_replays', text: REPLAYS, values: replaysValues(tenantId, of) })
}

/** A delivery, and the project that it tells of; null: it is about the tenant itself. */
export interface TenantWebhookDelivery extends WebhookDelivery {
  projectId: string | null
}

export function listTenantWebhookDeliveries(
  sql: PlatformSql,
  tenantId: string,
  filter: { endpointId: string; id?: string; status: WebhookDelivery['status'] | null },
  page: PageRequest,
): Promise<TenantWebhookDelivery[]> {
  return sql.run<TenantWebhookDelivery>({
    name: 'tenant_webhook_deliveries',
    text: `select project_id as "projectId", id, endpoint_id as "endpointId", message_id as "messageId", type, status, attempts,
      next_attempt_at as "nextAttemptAt", created_at as "createdAt", done_at as "doneAt", log, body
      from auth.tenant_webhook_deliveries($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      tenantId, filter.endpointId, filter.id ?? null, filter.status, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1,
      page.offset,
    ],
  })
}

export function resendTenantWebhook(sql: PlatformSql, tenantId: string, endpointId: string, id: string, now: Date): Promise<string | null> {
  return one(sql, 'tenant_webhook_resend', 'select auth.resend_tenant_webhook($1, $2, $3, $4) as made', [tenantId, endpointId, id, now])
}

export function testTenantWebhook(sql: PlatformSql, tenantId: string, endpointId: string, now: Date): Promise<string | null> {
  return one(sql, 'tenant_webhook_test', 'select auth.test_tenant_webhook($1, $2, $3) as made', [tenantId, endpointId, now])
}

const SEALED = 'select tenant_id as "tenantId", id, sealed from auth.sealed_tenant_webhooks($1, $2, $3)'

/** For the rotation of the master key. */
export function tenantWebhookSecrets(sql: PlatformSql): Promise<{ tenantId: string; id: string; sealed: Buffer }[]> {
  return sql.run({ name: 'sealed_tenant_webhooks', text: SEALED, values: [null, null, null] })
}

/** Whether it was replaced: one that changed meanwhile is left alone. */
export async function replaceTenantWebhookSecret(sql: PlatformSql, id: string, before: Buffer, fresh: Buffer): Promise<boolean> {
  return (await sql.run({ name: 'sealed_tenant_webhooks', text: SEALED, values: [id, before, fresh] })).length > 0
}

async function one<T = string>(sql: PlatformSql, name: string, text: string, values: unknown[]): Promise<T | null> {
  const [row] = await sql.run<{ made: T | null }>({ name, text, values })
  return row?.made ?? null
}

function about(by: Caller, action: EventName, id: string): PlatformAudit {
  return { tenantId: by.tenantId, action, resource: 'webhook', resourceId: formatId('whk', id) }
}

function toEndpoint(row: Omit<Stored, 'ordering' | 'secretSealed'> & { ordering: string; secretSealed: Uint8Array }): Stored {
  return { ...row, ordering: row.ordering === 'user' ? 'user' : 'none', secretSealed: Buffer.from(row.secretSealed) }
}
