import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { PageRequest } from '@portico/kernel/paging'

/** What an operator is told of a mail. */
export const MAIL_STATES = [
  'queued', 'sent', 'delayed', 'delivered', 'bounced', 'complained', 'suppressed', 'skipped', 'not_sent', 'failed',
] as const
export type MailState = (typeof MAIL_STATES)[number]

export interface MailRow {
  id: string
  kind: string
  /** `null`: not decided yet. */
  to: string | null
  state: MailState
  reason: string | null
  detail: string | null
  attempts: number
  nextAttemptAt: Date | null
  createdAt: Date
  doneAt: Date | null
  deliveryAt: Date | null
}

export interface MailFilter {
  state: MailState | null
  /** Normalised. */
  address: string | null
}

const STATE = `case when status in ('pending', 'enqueued') then 'queued' when delivery is not null then delivery when status = 'sent' then 'sent'
  when status = 'skipped' and last_error = 'suppressed' then 'suppressed' when status in ('skipped', 'not_sent') then status else 'failed' end`
const TO = `coalesce(payload->'frozen'->>'to', payload->>'address', payload->>'new_address')`

/** Newest first; one row more than the page. */
export function listMails(tx: ProjectTx, { state, address }: MailFilter, page: PageRequest): Promise<MailRow[]> {
  return tx.query<MailRow>({
    name: 'mail_page',
    text: `select id, kind, ${TO} as "to", ${STATE} as state, last_error as reason, last_detail as detail, attempts,
        case when done_at is null then next_attempt_at end as "nextAttemptAt", created_at as "createdAt", done_at as "doneAt",
        delivery_at as "deliveryAt"
      from auth.outbox where project_id = auth.current_project_id() and ($1::text is null or ${STATE} = $1)
        and ($2::text is null or lower(${TO}) = $2) and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
      order by created_at desc, id desc limit $5 offset $6`,
    values: [state, address, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
  })
}

export interface SuppressedAddress {
  address: string
  reason: 'bounced' | 'complained'
  since: Date
}

const MOST_SHOWN = 1_000

/** The latest thousand. */
export function listSuppressed(tx: ProjectTx): Promise<SuppressedAddress[]> {
  return tx.query<SuppressedAddress>({
    name: 'suppressed_list',
    text: `select address, reason, since from auth.suppressed_address where project_id = auth.current_project_id()
      order by since desc, address limit ${MOST_SHOWN}`,
    values: [],
  })
}

/** Whether it was suppressed. */
export async function deleteSuppressed(tx: ProjectTx, address: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'suppressed_delete',
    text: 'delete from auth.suppressed_address where project_id = auth.current_project_id() and address = $1 returning address',
    values: [address],
  })
  return rows.length > 0
}

export interface NotedDelivery {
  mailId: string
  providerId: string
  delivery: string
  reason: string | null
  detail: string | null
  /** An address (normalised) that gets no more. */
  suppress: string | null
  now: Date
}

/** Only of a mail that this provider took. */
export async function noteDelivery(db: ProjectDb, scope: ProjectScope, noted: NotedDelivery): Promise<void> {
  await db.call(scope, {
    name: 'note_delivery',
    text: 'select auth.note_delivery($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [noted.mailId, noted.providerId, noted.delivery, noted.reason, noted.detail, noted.suppress, noted.now],
    writesEvents: true,
  })
}
