import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../../caller.js'
import { lockEndUser } from '../../records/end-user-search.store.js'
import { endEverySession } from '../../steps/end-every-session.js'
import { proveAddress, SHOWS_NOTHING } from '../../steps/prove-address.js'
import { dropPendingChanges } from '../../steps/drop-pending-changes.js'
import { consumeOneTimeToken } from '../../records/one-time-token.store.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'
import type { SignInResult } from '../../steps/sign-in-result.js'

/**
 * Spends the link of a recovery mail in a project without passwords. It is a first factor like any mailed link: factors that an
 * administrator has not reset are still asked for. The session is fresh, so a new passkey can be added at once.
 */
export class ConfirmRecovery {
  constructor(
    private readonly db: ProjectDb,
    private readonly start: StartProvenSession,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_or_expired_token`. */
  execute(project: ProjectRecord, token: string, caller: Caller): Promise<SignInResult> {
    return this.refusals.watch(project, { method: 'recovery_link' }, caller, () => this.#recover(project, token, caller))
  }

  async #recover(project: ProjectRecord, token: string, caller: Caller): Promise<SignInResult> {
    const now = this.clock.now()
    const userId = await this.db.transaction(project.scope, async (tx) => {
      const spent = await consumeOneTimeToken(tx, { digest: digestToken(token), purpose: 'account_recovery', now })
      const user = spent && (await lockEndUser(tx, spent.endUserId))
      // The token proves the address it was mailed to; it is worth nothing for an account that has moved on.
      if (!spent || !user || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
      await proveAddress(tx, user, { method: 'account_recovery', shows: SHOWS_NOTHING, now, caller, entropy: this.entropy })
      const { sessions: ended } = await endEverySession(tx, { userId: user.id, except: null, reason: 'account_recovered', now })
      await dropPendingChanges(tx, user.id, now)
      await recordAudit(
        tx,
        { action: 'user.recovered', ...byUser(user.id, caller), metadata: { sessionsEnded: ended } },
        now,
      )
      return user.id
    })
    return this.start.execute(project, { userId, amr: ['email'], method: 'recovery_link' }, caller)
  }
}
