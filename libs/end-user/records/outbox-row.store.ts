import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'

/** One obligation as the worker sees it. */
export interface OutboxRow {
  id: string
  kind: string
  payload: Record<string, unknown>
  /** Set at the first try and kept: every later try must be byte-identical (promise P4). */
  frozen: FrozenMail | null
  attempts: number
  createdAt: Date
  /** Of the request that caused it; `null` without traces. */
  traceparent: string | null
}

/** What a mail is made of besides the row itself. Settings and the account may change between two tries; the mail may not. */
export interface FrozenMail {
  firstAttemptAt: string
  projectName: string
  to: string
  /** Where the link leads, without token; null for a mail without a link. */
  linkBase: string | null
  /** Rows that were tried before mails had a look have none. */
  brand?: MailBrand
  /** Language tag; rows that were tried before there was one have none. */
  locale?: string
  /** A page where a password reset can be asked for. */
  resetLink?: string | null
  fromName?: string | null
  replyTo?: string | null
}

/** How a row ended, or when it comes up again (`pending`). */
export interface MailEnd {
  id: string
  status: 'sent' | 'skipped' | 'not_sent' | 'dead' | 'pending'
  providerId?: string
  reason?: string
  /** What the sender said in words; never for a log. */
  detail?: string | undefined
  /** It bounced off this address (normalised) for good. */
  suppress?: string
  /** For `pending` only. */
  nextAttemptAt?: Date
  /** Taken and put back without having been sent: the try does not count. */
  untried?: boolean
}

interface LockedRow {
  id: string
  kind: string
  payload: Record<string, unknown>
  attempts: number
  created_at: Date
  traceparent: string | null
}

// `done_at is null` and not the status, which would make the index of due rows a candidate (auth.finish_mails).
/** Locks those of the rows that still wait to be sent. Left out: done, gone, or in another sender's hands. */
export async function lockWaitingRows(tx: ProjectTx, ids: readonly string[], now: Date): Promise<OutboxRow[]> {
  const rows = await tx.query<LockedRow>({
    name: 'outbox_lock',
    text: `select id, kind, payload, attempts, created_at, traceparent from auth.outbox
      where project_id = auth.current_project_id() and id = any ($1::uuid[]) and done_at is null
        and (leased_until is null or leased_until <= $2)
      for update skip locked`,
    values: [ids, now],
  })
  return rows.map(({ id, kind, payload: stored, attempts, created_at, traceparent }) => {
    const { frozen, ...payload } = camelKeys(stored)
    return { id, kind, payload, frozen: (frozen as FrozenMail | undefined) ?? null, attempts, createdAt: created_at, traceparent }
  })
}

/**
 * Counts the try before it is made, so that a worker killed while sending has left its trace. No other worker sends the rows before
 * `leasedUntil`; then they come up again.
 */
export async function markTried(tx: ProjectTx, tries: readonly { id: string; frozen: FrozenMail }[], leasedUntil: Date): Promise<void> {
  await tx.query({
    name: 'outbox_tried',
    text: `update auth.outbox o set attempts = o.attempts + 1, next_attempt_at = $3, leased_until = $3, payload = o.payload || t.added
      from unnest($1::uuid[], $2::jsonb[]) t (id, added) where o.project_id = auth.current_project_id() and o.id = t.id`,
    values: [tries.map(({ id }) => id), tries.map(({ frozen }) => JSON.stringify({ frozen: snakeKeys({ ...frozen }) })), leasedUntil],
  })
}

/** Within the transaction that took the rows. */
export async function finishTakenRows(tx: ProjectTx, ends: readonly MailEnd[], now: Date): Promise<void> {
  await tx.query({ ...FINISH, values: [tx.scope.projectId, endsJson(ends), now] })
}

/** In one round trip. Never reopens a row that ended meanwhile. */
export async function finishRows(db: ProjectDb, scope: ProjectScope, ends: readonly MailEnd[], now: Date): Promise<void> {
  await db.call(scope, { ...FINISH, values: [endsJson(ends), now] })
}

const FINISH = { name: 'finish_mails', text: 'select auth.finish_mails($1, $2, $3)' }

function endsJson(ends: readonly MailEnd[]): string {
  return JSON.stringify(
    ends.map(({ id, status, providerId, reason, nextAttemptAt, untried, detail, suppress }) => ({
      id,
      status,
      provider_id: providerId,
      reason,
      next_attempt_at: nextAttemptAt,
      untried,
      detail,
      suppress,
    })),
  )
}

/** Development only: shows the mail in the dev inbox. A second try of the row changes nothing. */
export async function addToDevInbox(
  tx: ProjectTx,
  mail: { outboxId: string; to: string; subject: string; text: string; html: string; link: string | null; code: string | null; now: Date },
): Promise<void> {
  await tx.query({
    name: 'dev_mail_add',
    text: `insert into auth.dev_mail (project_id, outbox_id, to_address, subject, text, html, link, code, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8) on conflict (project_id, outbox_id) do nothing`,
    values: [mail.outboxId, mail.to, mail.subject, mail.text, mail.html, mail.link, mail.code, mail.now],
  })
}

/** Those of the addresses (normalised) that get no mail: one came back for good, or their owner complained. */
export async function suppressedAmong(tx: ProjectTx, addresses: readonly string[]): Promise<ReadonlySet<string>> {
  if (addresses.length === 0) return new Set()
  const rows = await tx.query<{ address: string }>({
    name: 'suppressed_among',
    text: 'select address from auth.suppressed_address where project_id = auth.current_project_id() and address = any ($1::text[])',
    values: [addresses],
  })
  return new Set(rows.map(({ address }) => address))
}

/** Its owner has shown that mail arrives. */
export async function releaseAddress(tx: ProjectTx, address: string): Promise<void> {
  await tx.query({
    name: 'suppressed_release',
    text: 'delete from auth.suppressed_address where project_id = auth.current_project_id() and address = $1',
    values: [address],
  })
}

export interface AskedMail {
  kind: string
  status: string
  delivery: string | null
  /** Whether it goes out whoever has an account: only then may whoever asked be told what became of it. */
  always: boolean
}

/** A mail that somebody asked for, by the secret id that they were answered. */
export async function findAskedMail(db: ProjectDb, scope: ProjectScope, id: string): Promise<AskedMail | null> {
  const [row] = await db.read<AskedMail>(scope, {
    name: 'asked_mail',
    text: `select kind, status, case when status = 'skipped' and last_error = 'suppressed' then 'suppressed' else delivery end as delivery, (kind = 'sign_in' and payload->>'create_user' = 'true') or kind = 'email_change_confirm' as always
      from auth.outbox where project_id = auth.current_project_id() and id = $1`,
    values: [id],
  })
  return row ?? null
}
