import type { ProjectDb, ProjectTx } from './project-db.js'
import type { ProjectScope } from './project-scope.js'

/** Mails to be sent. Payloads hold ids and addresses, never a token or rendered text. */
export type OutboxEntry =
  | { kind: 'password_reset'; payload: { address: string; redirect_to?: string } }
  | { kind: 'email_confirm'; payload: { end_user_id: string; redirect_to?: string } }
  | { kind: 'email_confirm_resend'; payload: { address: string; redirect_to?: string } }
  /** `by`: they came through a provider, so there is no sign-up of theirs to confirm. */
  | { kind: 'sign_up_attempt'; payload: { address: string; by?: 'provider' } }
  | { kind: 'password_changed'; payload: { end_user_id: string } }
  | { kind: 'email_change_confirm'; payload: { end_user_id: string; new_address: string } }
  | { kind: 'email_change_notice'; payload: { end_user_id: string; old_address: string; new_address: string } }
  | { kind: 'security_notice'; payload: { end_user_id: string; event: string; address?: string } }
  | { kind: 'account_recovery'; payload: { end_user_id: string; sign_in?: true } }
  | {
      kind: 'sign_in'
      payload: { address: string; address_typed: string; link: boolean; code: boolean; create_user: boolean; redirect_to?: string; code_challenge?: string }
    }
  | { kind: 'invitation'; payload: { end_user_id: string; redirect_to?: string } }

/** Writes the obligation in the transaction of the change that causes it (promise P3). */
export async function addToOutbox(tx: ProjectTx, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  await tx.query({
    name: 'outbox_add',
    text: `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $4)`,
    values: [id, entry.kind, JSON.stringify(entry.payload), now],
  })
}

/** The same where the mail is all there is to it: one trip instead of a transaction. */
export async function enqueueMail(db: ProjectDb, scope: ProjectScope, id: string, entry: OutboxEntry, now: Date): Promise<void> {
  await db.call(scope, { name: 'enqueue_mail', text: 'select auth.enqueue_mail($1, $2, $3, $4, $5)', values: [id, entry.kind, JSON.stringify(entry.payload), now] })
}
