import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectTx } from '@portico/database/project-db'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { markEmailVerified } from '../records/end-user.store.js'
import { voidOneTimeTokens } from '../records/one-time-token.store.js'
import { voidExchangeCodes } from '../records/exchange-code.store.js'
import { endSessions } from '../records/session.store.js'

/**
 * Somebody proved the address of an account that nobody had proved before. Whatever was set up on it until then belongs to whoever signed the
 * address up, perhaps an attacker who waits for its owner: password, linked identities, sessions and everything mailed go, and a passkey no longer
 * opens the account alone. Second factors stay: they open nothing, and if a mailbox could take them away they would be none.
 */
export async function proveAddress(tx: ProjectTx, user: EndUser, { now, caller, entropy }: { now: Date; caller: Caller; entropy: Entropy }): Promise<EndUser> {
  if (user.emailVerifiedAt !== null) return user
  const [dropped] = await tx.query<{ password: boolean; identities: number }>({
    name: 'end_user_drop_unproven',
    text: `with account as (
        select id, password_hash is not null as password from auth.end_user where project_id = auth.current_project_id() and id = $1),
      emptied as (
        update auth.end_user u set password_hash = null, updated_at = $2 from account
        where u.project_id = auth.current_project_id() and u.id = account.id and account.password),
      unlinked as (
        delete from auth.identity where project_id = auth.current_project_id() and end_user_id = $1 returning 1),
      passkeys as (
        update auth.webauthn_credential set second_factor_only = true where project_id = auth.current_project_id() and end_user_id = $1),
      pending as (
        delete from auth.pending_sign_in where project_id = auth.current_project_id() and end_user_id = $1)
      select password, (select count(*)::int from unlinked) as identities from account`,
    values: [user.id, now],
  })
  const sessions = await endSessions(tx, { userId: user.id, except: null, reason: 'address_proven', now })
  await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'invitation'], now })
  await voidExchangeCodes(tx, user.id, now)
  const audit = { actor: { type: 'end_user', id: user.id }, resource: 'end_user', resourceId: user.id, ...caller } as const
  const metadata = { password_dropped: dropped?.password ?? false, identities_dropped: dropped?.identities ?? 0, sessions_ended: sessions }
  await recordAudit(tx, { action: 'user.email_confirmed', ...audit, metadata }, now)
  if (dropped?.password) await addToOutbox(tx, entropy.uuid(), { kind: 'security_notice', payload: { end_user_id: user.id, event: 'password_removed' } }, now)
  return (await markEmailVerified(tx, user.id, now)) ?? user
}
