import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'
import type { PageRequest } from '@portico/kernel/paging'

export interface WebhookTry {
  at: string
  durationMs: number
  /** What the receiver answered; null when it did not. */
  status: number | null
  error: string | null
  /** The beginning of the answer. */
  response: string | null
}

export interface WebhookDelivery {
  id: string
  endpointId: string
  messageId: string
  type: string
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt: Date | null
  createdAt: Date
  doneAt: Date | null
  log: WebhookTry[]
  /** What was sent. */
  body: string
}

const COLUMNS = `d.id, d.endpoint_id as "endpointId", d.message_id as "messageId", m.type, d.status, d.attempts,
  case when d.status = 'pending' then d.next_attempt_at end as "nextAttemptAt", d.created_at as "createdAt", d.done_at as "doneAt", d.log, m.body`
const FROM = `auth.webhook_delivery d join auth.webhook_message m on m.project_id = d.project_id and m.id = d.message_id`

/** Newest first; one row more than the page. */
export function listWebhookDeliveries(
  tx: ProjectTx,
  filter: { endpointId: string; status: WebhookDelivery['status'] | null },
  page: PageRequest,
): Promise<WebhookDelivery[]> {
  return tx.query<WebhookDelivery>({
    name: 'webhook_deliveries',
    text: `select ${COLUMNS} from ${FROM} where d.project_id = auth.current_project_id() and d.endpoint_id = $1
        and ($2::text is null or d.status = $2) and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4::uuid))
      order by d.created_at desc, d.id desc limit $5 offset $6`,
    values: [filter.endpointId, filter.status, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
  })
}

export async function findWebhookDelivery(tx: ProjectTx, endpointId: string, id: string): Promise<WebhookDelivery | null> {
  const [row] = await tx.query<WebhookDelivery>({
    name: 'webhook_delivery',
    text: `select ${COLUMNS} from ${FROM} where d.project_id = auth.current_project_id() and d.endpoint_id = $1 and d.id = $2`,
    values: [endpointId, id],
  })
  return row ?? null
}

/** The same message once more, now. */
export async function resendWebhook(tx: ProjectTx, deliveryId: string, now: Date): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>({
    name: 'webhook_resend',
    text: `insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
      select project_id, endpoint_id, message_id, subject, number, $2, $2 from auth.webhook_delivery
      where project_id = auth.current_project_id() and id = $1 returning id`,
    values: [deliveryId, now],
  })
  return row?.id ?? null
}

/** What waits for an endpoint that is turned off has failed. */
export async function failWaitingWebhooks(tx: ProjectTx, endpointId: string, now: Date): Promise<void> {
  const values = [endpointId, now]
  await tx.query({ name: 'webhook_fail_waiting', text: 'select auth.fail_project_webhooks(auth.current_project_id(), $1, $2)', values })
  await tx.query({ name: 'webhook_replays_cancel', text: 'select auth.cancel_webhook_replays(auth.current_project_id(), $1, $2)', values })
}

export async function testWebhook(tx: ProjectTx, endpointId: string, now: Date): Promise<string | null> {
  const text = 'select auth.test_webhook(auth.current_project_id(), $1, $2) as id'
  const [row] = await tx.query<{ id: string | null }>({ name: 'webhook_test', text, values: [endpointId, now] })
  return row?.id ?? null
}

export interface DueWebhook {
  projectId: string
  tenantId: string
  id: string
  endpointId: string
  /** Of how many tries this is the last, counting from 1. */
  attempt: number
  /** The project, or the tenant whose endpoint it is: what its secrets are sealed for. */
  ownerId: string
  messageId: string
  url: string
  secretSealed: Buffer
  body: string
  /** Of the request that the event came from, where that was traced. */
  traceparent: string | null
}

export function claimWebhooks(
  sql: PlatformSql,
  round: { now: Date; limit: number; share: number; leaseSeconds: number; busy: readonly string[] },
): Promise<DueWebhook[]> {
  return sql.run<DueWebhook>({
    name: 'claim_webhooks',
    text: `select project_id as "projectId", tenant_id as "tenantId", id, endpoint_id as "endpointId", attempt, message_id as "messageId", url,
      secret_sealed as "secretSealed", body, owner_id as "ownerId", traceparent from auth.claim_webhooks($1, $2, $3, $4, $5)`,
    values: [round.now, round.limit, round.share, round.leaseSeconds, round.busy],
  })
}

export interface WebhookEnd {
  projectId: string
  id: string
  ok: boolean
  /** It was taken and not sent: no try, and nothing for the log. */
  untried: boolean
  entry: WebhookTry
  /** Null: this was the last try. */
  nextAttemptAt: Date | null
}

/** Answers the endpoints that were turned off for it. */
export function finishWebhooks(
  sql: PlatformSql,
  ends: readonly WebhookEnd[],
  { now, offAfterSeconds }: { now: Date; offAfterSeconds: number },
): Promise<{ projectId: string; endpointId: string }[]> {
  return sql.run({
    name: 'finish_webhooks',
    text: 'select project_id as "projectId", endpoint_id as "endpointId" from auth.finish_webhooks($1, $2, $3)',
    values: [
      JSON.stringify(
        ends.map(({ projectId, id, ok, untried, entry, nextAttemptAt }) => ({
          project_id: projectId,
          id,
          ok,
          untried,
          entry,
          next_attempt_at: nextAttemptAt,
        })),
      ),
      now,
      offAfterSeconds,
    ],
  })
}

export async function sweepWebhooks(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const text = 'select auth.sweep_webhooks($1, $2) as gone'
  const [row] = await sql.run<{ gone: string }>({ name: 'sweep_webhooks', text, values: [now, limit] })
  return Number(row?.gone ?? 0)
}
