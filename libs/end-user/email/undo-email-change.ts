import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { clearPassword, setEmail } from '../records/end-user.store.js'
import { deleteTotpFactors } from '../records/factor.store.js'
import { deleteIdentities } from '../records/identity.store.js'
import { consumeOneTimeToken } from '../records/one-time-token.store.js'
import { deletePasskeys } from '../records/passkey.store.js'
import { deleteRecoveryCodes } from '../records/recovery-code.store.js'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import { dropPendingChanges } from '../steps/drop-pending-changes.js'
import { endEverySession } from '../steps/end-every-session.js'
import { requireOwnAccount } from '../steps/require-own-account.js'
import { refuseTakenAddress } from '../steps/taken-address.js'

/**
 * The owner of the old address takes a change back, done or still waiting. It was asked for by another holder of the password
 * or a session: every session ends, everything mailed to the new address is void, what was added since goes, and the password works no
 * more. The owner gets a mail to set another. What was there before the change was asked for stays: a mailbox is one factor.
 */
export class UndoEmailChange {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  execute(project: ProjectRecord, token: string, caller: Caller): Promise<EndUser> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, (tx) => this.#undo(tx, token, caller, now)).catch(refuseTakenAddress)
  }

  async #undo(tx: ProjectTx, token: string, caller: Caller, now: Date): Promise<EndUser> {
    const spent = await consumeOneTimeToken(tx, { digest: digestToken(token), purpose: 'email_change_undo', now })
    const user = spent && (await lockEndUser(tx, spent.endUserId))
    const old = spent?.payload['oldAddress']
    const address = typeof old === 'string' ? parseEmailAddress(old) : null
    if (!user || !address) throw new AuthError('invalid_or_expired_token')
    await requireOwnAccount(tx, user.id)
    const restored = user.email === address.normalised ? user : await setEmail(tx, { userId: user.id, address, now })
    if (!restored) throw new AuthError('email_taken')
    await clearPassword(tx, { userId: user.id, except: null, now })
    await removeWhatCameSince(tx, user.id, spent.createdAt)
    const { sessions: ended } = await endEverySession(tx, { userId: user.id, except: null, reason: 'email_change_undone', now })
    await voidEmailChallenges(tx, user.email, now)
    // Undo links stay: an intruder may have changed the address more than once, and each old address got its own.
    await dropPendingChanges(tx, user.id, now)
    await recordAudit(
      tx,
      {
        action: 'user.email_change_undone',
        ...byUser(user.id, caller),
        metadata: { sessionsEnded: ended },
      },
      now,
    )
    const notice = { endUserId: user.id, event: 'sessions_ended' as const, address: restored.emailTyped }
    await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: notice }, now)
    await addToOutbox(tx, this.entropy.uuid(), { kind: 'account_recovery', payload: { endUserId: user.id } }, now)
    return restored
  }
}

async function removeWhatCameSince(tx: ProjectTx, userId: string, since: Date): Promise<void> {
  await deletePasskeys(tx, userId, since)
  await deleteTotpFactors(tx, userId, since)
  await deleteRecoveryCodes(tx, userId, since)
  await deleteIdentities(tx, userId, { since })
}
