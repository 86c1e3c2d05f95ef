import type { ProjectTx } from '@portico/database/project-db'

/** One obligation as the worker sees it. */
export interface OutboxRow {
  id: string
  kind: string
  payload: Record<string, unknown>
  /** Set at the first try and kept: every later try must be byte-identical (promise P4). */
  frozen: FrozenMail | null
  attempts: number
  createdAt: Date
}

/** What a mail is made of besides the row itself. Settings and the account may change between two tries; the mail may not. */
export interface FrozenMail {
  first_attempt_at: string
  project_name: string
  to: string
  /** Where the link leads, without token; null for a mail without a link. */
  link_base: string | null
}

/** Locks the row if it still waits to be sent. Null: done, gone, or another worker has it right now. */
export async function lockWaitingRow(tx: ProjectTx, id: string): Promise<OutboxRow | null> {
  const rows = await tx.query<{ id: string; kind: string; payload: Record<string, unknown>; attempts: number; created_at: Date }>({
    name: 'outbox_lock',
    text: `select id, kind, payload, attempts, created_at from auth.outbox
      where project_id = auth.current_project_id() and id = $1 and status in ('pending', 'enqueued') for update skip locked`,
    values: [id],
  })
  const row = rows[0]
  if (!row) return null
  const { frozen, ...payload } = row.payload
  return { id: row.id, kind: row.kind, payload, frozen: (frozen as FrozenMail | undefined) ?? null, attempts: row.attempts, createdAt: row.created_at }
}

/** Counts the try before it is made, so that a worker killed while sending has left its trace; comes up again at `comeBackAt`. */
export async function markTried(tx: ProjectTx, id: string, frozen: FrozenMail, comeBackAt: Date): Promise<void> {
  await tx.query({
    name: 'outbox_tried',
    text: `update auth.outbox set attempts = attempts + 1, next_attempt_at = $3, payload = payload || jsonb_build_object('frozen', $2::jsonb)
      where project_id = auth.current_project_id() and id = $1`,
    values: [id, JSON.stringify(frozen), comeBackAt],
  })
}

/** The end of a row. Never reopens one that ended meanwhile. */
export async function finishRow(
  tx: ProjectTx,
  id: string,
  end: { status: 'sent' | 'skipped' | 'not_sent' | 'dead'; providerId?: string; reason?: string; now: Date },
): Promise<void> {
  await tx.query({
    name: 'outbox_finish',
    text: `update auth.outbox set status = $2, provider_id = $3, last_error = $4, done_at = $5
      where project_id = auth.current_project_id() and id = $1 and status in ('pending', 'enqueued')`,
    values: [id, end.status, end.providerId ?? null, end.reason ?? null, end.now],
  })
}

/** Puts the row back for a later try. */
export async function postponeRow(tx: ProjectTx, id: string, { reason, nextAttemptAt }: { reason: string; nextAttemptAt: Date }): Promise<void> {
  await tx.query({
    name: 'outbox_postpone',
    text: `update auth.outbox set status = 'pending', last_error = $2, next_attempt_at = $3
      where project_id = auth.current_project_id() and id = $1 and status in ('pending', 'enqueued')`,
    values: [id, reason, nextAttemptAt],
  })
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
