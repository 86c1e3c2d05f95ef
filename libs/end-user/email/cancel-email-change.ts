import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { setPendingEmail } from '../records/end-user.store.js'
import { voidOneTimeTokens } from '../records/one-time-token.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'

/**
 * The signed-in user takes a change of address back before it is confirmed. Nothing must be proven again: it only keeps things as they are.
 */
export class CancelEmailChange {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Succeeds when nothing waits, too. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, caller: Caller): Promise<void> {
    const now = this.clock.now()
    const { id } = session.user
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await lockEndUser(tx, id))) throw new AuthError('session_ended')
      const waited = await setPendingEmail(tx, { userId: id, address: null, now })
      const { email_change: links = 0 } = await voidOneTimeTokens(tx, { endUserId: id, purposes: ['email_change'], now })
      if (!waited && links === 0) return
      await recordAudit(tx, { action: 'user.email_change_cancelled', ...byUser(id, caller) }, now)
    })
  }
}
