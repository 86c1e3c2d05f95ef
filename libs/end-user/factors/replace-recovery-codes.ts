import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { activeFactorsWithin } from '../records/factors.view.js'
import { issueRecoveryCodes } from '../records/recovery-code.store.js'
import type { FreshProof, RequireFreshFactor } from '../steps/require-fresh-factor.js'
import { requireMfa } from '../steps/require-mfa.js'

/** New recovery codes; every old one stops working. */
export class ReplaceRecoveryCodes {
  constructor(
    private readonly db: ProjectDb,
    private readonly requireFresh: RequireFreshFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `conflict` for a user without a factor that the codes could stand in for. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, given: FreshProof, caller: Caller): Promise<string[]> {
    requireMfa(project)
    await this.requireFresh.execute(project, session, given, caller)
    const now = this.clock.now()
    const userId = session.user.id
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockEndUser(tx, userId))) throw new AuthError('session_ended')
      if ((await activeFactorsWithin(tx, userId)).length === 0) throw new AuthError('conflict', { message: 'Add a second factor first.' })
      const codes = await issueRecoveryCodes(tx, this.entropy, userId, now)
      await recordAudit(
        tx,
        { action: 'factor.recovery_codes_created', ...byUser(userId, caller) },
        now,
      )
      await addToOutbox(
        tx,
        this.entropy.uuid(),
        { kind: 'security_notice', payload: { endUserId: userId, event: 'recovery_codes_created' } },
        now,
      )
      return codes
    })
  }
}
