import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { deleteEndUser } from '../records/end-user.store.js'
import type { Administrator } from './administrator.js'

/** At once and for good: sessions, tokens and everything else of the user go with the row. */
export class RemoveEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await deleteEndUser(tx, userId, now))) throw new AuthError('not_found')
      await recordAudit(tx, { ...by, action: 'user.deleted', resource: 'end_user', resourceId: userId }, now)
    })
  }
}
