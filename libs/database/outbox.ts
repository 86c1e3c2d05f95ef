import type { MailKind, MailPayloads } from '@portico/kernel/mails'
import { snakeKeys } from '@portico/kernel/snake-case'
import { tracing } from '@portico/kernel/tracing'
import type { PlatformSql } from './platform-sql.js'
import type { ProjectDb, ProjectTx } from './project-db.js'
import type { ProjectScope } from './project-scope.js'

/** A mail that is to be sent. Its payload is stored in snake_case, as the SQL functions that enqueue mails write it. */
export type OutboxEntry = { [Kind in MailKind]: { kind: Kind; payload: MailPayloads[Kind] } }[MailKind]

/** Within the transaction of the change that causes the mail (promise P3). */
export async function addToOutbox(tx: ProjectTx, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  await tx.query({
    name: 'outbox_add',
    text: `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
      values (auth.current_project_id(), $1, $2, $3, $4, $4, $5)`,
    values: [id, entry.kind, JSON.stringify(snakeKeys<unknown>({ ...entry.payload })), now, tracing()?.traceparent() ?? null],
  })
}

/** The same where the mail is the only change: one trip instead of a transaction. */
export async function enqueueMail(db: ProjectDb, scope: ProjectScope, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  const traceparent = tracing()?.traceparent()
  const payload = snakeKeys<unknown>({ ...entry.payload })
  // The function puts it into its column.
  const values = [id, entry.kind, JSON.stringify(traceparent ? { ...payload, traceparent } : payload), now]
  await db.call(scope, { name: 'enqueue_mail', text: 'select auth.enqueue_mail($1, $2, $3, $4, $5)', values })
}

export interface DueMail {
  outboxId: string
  projectId: string
}

/** Marks due rows of all projects as handed over and answers their ids. */
export async function claimOutbox(
  sql: PlatformSql,
  { now, limit, stuckSeconds }: { now: Date; limit: number; stuckSeconds: number },
): Promise<DueMail[]> {
  const rows = await sql.run<{ project_id: string; id: string }>({
    name: 'claim_outbox',
    text: 'select project_id, id from auth.claim_outbox($1, $2, $3)',
    values: [now, limit, stuckSeconds],
  })
  return rows.map((row) => ({ outboxId: row.id, projectId: row.project_id }))
}

export interface OutboxBacklog {
  waiting: number
  dead: number
  /** Age of the oldest row that still waits; 0 when none does. */
  oldestSeconds: number
}

export async function outboxBacklog(sql: PlatformSql, now: Date): Promise<OutboxBacklog> {
  const rows = await sql.run<{ waiting: string; dead: string; oldest_seconds: number }>({
    name: 'outbox_backlog',
    text: 'select waiting, dead, oldest_seconds from auth.outbox_backlog($1)',
    values: [now],
  })
  const row = rows[0]
  return { waiting: Number(row?.waiting ?? 0), dead: Number(row?.dead ?? 0), oldestSeconds: row?.oldest_seconds ?? 0 }
}
