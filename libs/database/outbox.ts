import type { MailKind, MailPayloads } from '@portico/kernel/mails'
import type { ProjectDb, ProjectTx } from './project-db.js'
import type { ProjectScope } from './project-scope.js'

/** A mail that is to be sent. */
export type OutboxEntry = { [Kind in MailKind]: { kind: Kind; payload: MailPayloads[Kind] } }[MailKind]

/** Within the transaction of the change that causes the mail (promise P3). */
export async function addToOutbox(tx: ProjectTx, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  await tx.query({
    name: 'outbox_add',
    text: `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $4)`,
    values: [id, entry.kind, JSON.stringify(entry.payload), now],
  })
}

/** The same where the mail is the only change: one trip instead of a transaction. */
export async function enqueueMail(db: ProjectDb, scope: ProjectScope, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  const values = [id, entry.kind, JSON.stringify(entry.payload), now]
  await db.call(scope, { name: 'enqueue_mail', text: 'select auth.enqueue_mail($1, $2, $3, $4, $5)', values })
}
