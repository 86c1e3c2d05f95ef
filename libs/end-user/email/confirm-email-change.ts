import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { findPasswordHash, lockEndUser } from '../records/end-user-search.store.js'
import { readActiveFactors } from '../records/factors.view.js'
import { findOneTimeTokenOwner } from '../records/one-time-token.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { providersOf, type AskedProof } from '../steps/asked-proof.js'
import { changeAddress, normalise } from '../steps/change-address.js'
import { showsSomething, type CheckHolder } from '../steps/check-holder.js'
import { changedJustNow } from '../steps/confirmed-just-now.js'
import { withFactor, type ProvenAddress } from '../steps/prove-address.js'
import type { ProveFactor } from '../steps/prove-factor.js'

export interface ConfirmEmailChangeInput {
  token: string
  password?: string | undefined
  factorCode?: string | undefined
}

/**
 * Moves an account to another address. The mailed token proves the address and says nothing of the account: somebody may have asked for the
 * change to a stranger's address and wait for the stranger to click. So the link also needs a proof of holding the account, by a live
 * session or by the password, and proves its second factor when it has one.
 */
export class ConfirmEmailChange {
  constructor(
    private readonly db: ProjectDb,
    private readonly holder: CheckHolder,
    private readonly prove: ProveFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /**
   * Throws `invalid_or_expired_token`, `reauthentication_required`, `invalid_credentials`, `second_factor_required`, `invalid_code`,
   * `email_taken`.
   */
  async execute(
    project: ProjectRecord,
    input: ConfirmEmailChangeInput,
    session: AuthenticatedSession | null,
    caller: Caller,
  ): Promise<ProvenAddress> {
    const digest = digestToken(input.token)
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest, purpose: 'email_change', now: this.clock.now() })
    if (!owner) return this.#again(project, digest)
    const userId = owner.endUserId
    const shown = await this.holder.execute(project, { userId, email: owner.email }, { session, password: input.password }, caller)
    if (!showsSomething(shown))
      throw new AuthError('reauthentication_required', {
        message: 'Open the link where you are signed in, or send the password of the account.',
      })
    const sessionHasFactor = shown.sessionId !== undefined && session !== null && session.amr.includes('mfa')
    if (input.factorCode === undefined && !sessionHasFactor && (await this.hasFactor(project, userId)))
      throw new AuthError('second_factor_required')
    const claim = { userId, code: input.factorCode, sessionId: shown.sessionId, caller }
    return this.prove.beside(project, claim, async (tx, factor) => {
      const user = await lockEndUser(tx, userId)
      if (!user) throw new AuthError('invalid_or_expired_token')
      return changeAddress(tx, user, { digest, shows: withFactor(shown, factor), now: this.clock.now(), caller, entropy: this.entropy })
    })
  }

  /** The link was followed a moment ago: the same answer again. Nothing is changed, so nothing is asked for. */
  async #again(project: ProjectRecord, digest: Buffer): Promise<ProvenAddress> {
    const again = await this.db.transaction(project.scope, (tx) => changedJustNow(tx, digest, normalise, this.clock.now()))
    if (!again) throw new AuthError('invalid_or_expired_token')
    return again
  }

  /** What our own page must ask for; `null`: the link is no good. */
  async asks(project: ProjectRecord, token: string): Promise<AskedProof | null> {
    const owner = await findOneTimeTokenOwner(this.db, project.scope, {
      digest: digestToken(token),
      purpose: 'email_change',
      now: this.clock.now(),
    })
    if (!owner) return null
    const factor = await this.hasFactor(project, owner.endUserId)
    const password = (await findPasswordHash(this.db, project, owner.endUserId)) !== null
    // A provider is one factor: with a second one on the account it is not enough here, and there is no field beside its button.
    return { address: owner.newAddress, password, factor, providers: factor ? [] : await providersOf(this.db, project, owner.endUserId) }
  }

  async hasFactor(project: ProjectRecord, userId: string): Promise<boolean> {
    return project.settings.mfa !== 'off' && (await readActiveFactors(this.db, project.scope, userId)).length > 0
  }
}
