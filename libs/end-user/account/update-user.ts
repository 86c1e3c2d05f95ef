import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { setMetadata } from '../records/end-user.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { requireOwnAccount } from '../steps/require-own-account.js'
import { checkMetadata, mergeMetadata } from '../steps/read-metadata.js'

/** The user changes their own metadata. Audited but not mailed: it is the app's data and opens no door. */
export class UpdateUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession, change: Record<string, unknown>, caller: Caller): Promise<EndUser> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const user = await lockEndUser(tx, session.user.id)
      if (user) await requireOwnAccount(tx, user.id)
      const updated =
        user && (await setMetadata(tx, { userId: user.id, metadata: checkMetadata(mergeMetadata(user.metadata, change)), now }))
      if (!updated) throw new AuthError('session_ended')
      await recordAudit(
        tx,
        { action: 'user.updated', ...byUser(updated.id, caller), metadata: { fields: ['metadata'] } },
        now,
      )
      return updated
    })
  }
}
