import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { isUuid } from '@portico/kernel/ids'
import { byUser, type Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { listPasskeys, renamePasskey, type ListedPasskey } from '../records/passkey.store.js'

/** The user's passkeys. */
export class ListPasskeys {
  constructor(private readonly db: ProjectDb) {}

  execute(project: ProjectRecord, session: AuthenticatedSession): Promise<ListedPasskey[]> {
    return listPasskeys(this.db, project.scope, session.user.id)
  }
}

/** The name is for the user alone: it decides nothing, so nothing must be proven for it. */
export class RenamePasskey {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(
    project: ProjectRecord,
    session: AuthenticatedSession,
    input: { id: string; friendlyName: string },
    caller: Caller,
  ): Promise<ListedPasskey> {
    if (!isUuid(input.id)) throw new AuthError('not_found')
    const userId = session.user.id
    return this.db.transaction(project.scope, async (tx) => {
      const renamed = await renamePasskey(tx, { userId, ...input })
      if (!renamed) throw new AuthError('not_found')
      await recordAudit(
        tx,
        { action: 'passkey.renamed', ...byUser(userId, caller), resource: 'factor', resourceId: renamed.id },
        this.clock.now(),
      )
      return renamed
    })
  }
}
