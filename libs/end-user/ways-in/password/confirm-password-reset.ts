import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../../caller.js'
import type { EndUserLimits } from '../../end-user-limits.js'
import { lockEndUser } from '../../records/end-user-search.store.js'
import { setPasswordByReset } from '../../records/end-user.store.js'
import { findOneTimeTokenOwner } from '../../records/one-time-token.store.js'
import { findJustSpentToken } from '../../records/one-time-token.store.js'
import { consumeOneTimeToken } from '../../records/one-time-token.store.js'
import { requireEmailProvider } from '../../project/require-provider.js'
import { dropPendingChanges } from '../../steps/drop-pending-changes.js'
import type { AskHooks } from '../../steps/hooks/ask-hooks.js'
import { endEverySession } from '../../steps/end-every-session.js'
import { proveAddress, SHOWS_NOTHING } from '../../steps/prove-address.js'
import { requireOwnAccount, requireOwnAccountNow } from '../../steps/require-own-account.js'
import type { CheckNewPassword } from '../../steps/check-new-password.js'

export interface ConfirmPasswordResetInput {
  token: string
  password: string
}

/**
 * Spends a mailed reset token on a new password. Ends every session and never starts one: a reader of the mail must still know the
 * password.
 */
export class ConfirmPasswordReset {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly limits: EndUserLimits,
    private readonly hooks: AskHooks,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, input: ConfirmPasswordResetInput, caller: Caller): Promise<void> {
    requireEmailProvider(project)
    const digest = digestToken(input.token)
    // Looked at before the hash, so that a refused password does not spend the token and a made-up token costs no hash.
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest, purpose: 'password_reset', now: this.clock.now() })
    if (!owner) return this.#again(project, digest, input.password, caller)
    await requireOwnAccountNow(this.db, project, owner.endUserId)
    await this.checkNewPassword.execute(project, input.password, owner.email)
    await this.hooks.beforePasswordChange(project, { userId: owner.endUserId, reason: 'reset' }, caller)
    const newHash = await this.hasher.hash(input.password, { projectId: project.scope.projectId, signal: caller.signal })
    const now = this.clock.now()
    const done = await this.db.transaction(project.scope, async (tx) => {
      const spent = await consumeOneTimeToken(tx, { digest, purpose: 'password_reset', now })
      // Two presses at once: the other one came first.
      if (!spent) return false
      const user = await lockEndUser(tx, spent.endUserId)
      // The token proves the address it was mailed to; it is worth nothing for an account that has moved on.
      if (!user || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
      await requireOwnAccount(tx, user.id)
      await proveAddress(tx, user, {
        method: 'password_reset',
        shows: SHOWS_NOTHING,
        setsPassword: true,
        now,
        caller,
        entropy: this.entropy,
      })
      await setPasswordByReset(tx, { userId: user.id, newHash, now })
      const { sessions: ended } = await endEverySession(tx, { userId: user.id, except: null, reason: 'password_reset', now })
      await dropPendingChanges(tx, user.id, now)
      await recordAudit(
        tx,
        { action: 'user.password_reset', ...byUser(user.id, caller), metadata: { sessionsEnded: ended } },
        now,
      )
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'password_changed', payload: { endUserId: user.id } }, now)
      return true
    })
    if (!done) await this.#again(project, digest, input.password, caller)
  }

  /**
   * The link was used a moment ago: with the same new password, while the account still has it, that is the same press again. Nothing is
   * changed, mailed or ended a second time. Comparing costs a hash and could be a guess, so it is done a few times for a link.
   */
  async #again(project: ProjectRecord, digest: Buffer, password: string, caller: Caller): Promise<void> {
    const spent = await this.db.transaction(project.scope, (tx) =>
      findJustSpentToken(tx, { digest, purpose: 'password_reset', now: this.clock.now() }),
    )
    if (!spent || spent.passwordHash === null || spent.user.email !== spent.payload['email'])
      throw new AuthError('invalid_or_expired_token')
    if (!(await this.limits.admitSecondPress(project, digest.toString('hex')))) throw new AuthError('invalid_or_expired_token')
    const { ok } = await this.hasher.verify(spent.passwordHash, password, { projectId: project.scope.projectId, signal: caller.signal })
    if (!ok) throw new AuthError('invalid_or_expired_token')
  }
}
