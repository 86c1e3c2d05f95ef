import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import type { Reauthenticate } from './reauthenticate.js'
import type { Caller } from '../caller.js'
import type { AuthenticatedSession } from './authenticate.js'
import { sessionBinding } from './passkey/challenge-binding.js'
import { readFactorTime } from '../records/session-search.store.js'
import { readActiveFactors } from '../records/factors.view.js'
import type { ProveFactor } from './prove-factor.js'

/** A second factor this recent stands for another one. */
const FRESH_FACTOR_SECONDS = 10 * MINUTE_SECONDS

export interface FreshProof {
  password?: string | undefined
  code?: string | undefined
}

/** In front of every change of factors: a stolen access token must not add the thief's factor nor remove the owner's. */
export class RequireFreshFactor {
  constructor(
    private readonly db: ProjectDb,
    private readonly prove: ProveFactor,
    private readonly reauthenticate: Reauthenticate,
    private readonly clock: Clock,
  ) {}

  /**
   * Who has a factor proves one; who has none (or where the project asks for none) proves the first one again.
   * Throws `second_factor_required` or `reauthentication_required`.
   */
  async execute(project: ProjectRecord, session: AuthenticatedSession, given: FreshProof, caller: Caller): Promise<void> {
    const { scope, settings } = project
    const userId = session.user.id
    const asked = settings.mfa !== 'off' && (await readActiveFactors(this.db, scope, userId)).length > 0
    if (!asked) {
      await this.reauthenticate.execute(project, session, given.password, caller)
      return
    }
    const provenAt = await readFactorTime(this.db, scope, session.id)
    if (provenAt !== null && provenAt >= addSeconds(this.clock.now(), -FRESH_FACTOR_SECONDS)) return
    if (given.code === undefined) throw new AuthError('second_factor_required')
    await this.prove.execute(
      project,
      { userId, proof: { code: given.code }, boundTo: sessionBinding(session.id), sessionId: session.id, caller },
      async () => undefined,
    )
  }
}
