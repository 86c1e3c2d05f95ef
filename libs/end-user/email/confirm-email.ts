import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUser, markEmailVerified, setEmail } from '../records/end-user.store.js'
import { consumeOneTimeToken, voidOneTimeTokens } from '../records/one-time-token.store.js'
import { refuseTakenAddress } from '../steps/taken-address.js'

/** Spends a mailed confirmation: of the address of the account, or of the one that it is to move to. */
export class ConfirmEmail {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  execute(project: ProjectRecord, token: string, caller: Caller): Promise<EndUser> {
    const digest = digestToken(token)
    const now = this.clock.now()
    return this.db
      .transaction(project.scope, async (tx) => {
        const user = (await this.#confirm(tx, digest, caller, now)) ?? (await this.#change(tx, digest, caller, now))
        if (!user) throw new AuthError('invalid_or_expired_token')
        return user
      })
      .catch(refuseTakenAddress)
  }

  async #confirm(tx: ProjectTx, digest: Buffer, caller: Caller, now: Date): Promise<EndUser | null> {
    const spent = await consumeOneTimeToken(tx, { digest, purpose: 'email_confirm', now })
    if (!spent) return null
    const user = await lockEndUser(tx, spent.endUserId)
    // The token proves the address it was mailed to and no other.
    if (!user || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
    await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['email_confirm'], now })
    await recordAudit(
      tx,
      { action: 'user.email_confirmed', actor: { type: 'end_user', id: user.id }, resource: 'end_user', resourceId: user.id, ...caller },
      now,
    )
    return markEmailVerified(tx, user.id, now)
  }

  async #change(tx: ProjectTx, digest: Buffer, caller: Caller, now: Date): Promise<EndUser | null> {
    const spent = await consumeOneTimeToken(tx, { digest, purpose: 'email_change', now })
    if (!spent) return null
    const user = await lockEndUser(tx, spent.endUserId)
    const wanted = spent.payload['new_address']
    const address = typeof wanted === 'string' ? parseEmailAddress(wanted) : null
    if (!user || !address || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
    const changed = await setEmail(tx, { userId: user.id, address, now })
    if (!changed) throw new AuthError('email_taken')
    // Links that wait in the old mailbox must not open the account any more; the undo link there must.
    await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['password_reset', 'email_confirm', 'email_change'], now })
    await recordAudit(
      tx,
      { action: 'user.email_changed', actor: { type: 'end_user', id: user.id }, resource: 'end_user', resourceId: user.id, ...caller },
      now,
    )
    const payload = { end_user_id: user.id, event: 'email_changed', address: user.emailTyped }
    await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload }, now)
    return changed
  }
}
