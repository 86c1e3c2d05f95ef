import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { findEndUser } from '../records/end-user-search.store.js'
import { hasSignedInFrom } from '../records/known-address.view.js'
import type { FactorAttempt, FactorLimits, KnownPlace } from './factor-limits.js'

export interface FactorGuess {
  userId: string
  /** The live session of this user that the guess comes from; `null`: from none. */
  sessionId: string | null
  caller: Caller
}

/**
 * Whether a second factor may be guessed at. Whoever has the password uses up the guesses that everybody shares, and would lock the owner
 * out with them. Who calls with a live session of the person, or from where they have signed in before, has some of their own. A sign-in
 * that waits for its second factor has no session, so a thief makes no address known by beginning one.
 */
export class AdmitFactor {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: FactorLimits,
    private readonly clock: Clock,
  ) {}

  /** Throws `rate_limited`, and `unavailable` while the shared counter is away (promise P7). */
  async execute(project: ProjectRecord, guess: FactorGuess): Promise<FactorAttempt> {
    try {
      return await this.limits.admitFactor(project, guess.userId)
    } catch (error) {
      // Asked only now: whoever is not refused costs no look.
      if (!(error instanceof AuthError) || error.code !== 'rate_limited') throw error
      const known = await this.#knownPlace(project, guess)
      if (known === null) throw error
      return this.limits.admitKnownFactor(project, guess.userId, known)
    }
  }

  async #knownPlace(project: ProjectRecord, { userId, sessionId, caller: { ip } }: FactorGuess): Promise<KnownPlace | null> {
    if (sessionId !== null) return { sessionId }
    if (ip === null) return null
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user?.email) return null
    return (await hasSignedInFrom(this.db, project, { address: user.email, ip, now: this.clock.now() })) ? { ip } : null
  }
}
