import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { isUuid } from '@portico/kernel/ids'
import type { Administrator } from '../administration/administrator.js'
import { deleteBreakGlass, insertBreakGlass, listBreakGlass, type BreakGlass } from '../records/break-glass.store.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'

/** Who may come in without the identity provider that a connection asks of the others: for the day on which it is away. */
export class ManageBreakGlass {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  list(project: ProjectRecord): Promise<BreakGlass[]> {
    return this.db.transaction(project.scope, listBreakGlass)
  }

  async grant(project: ProjectRecord, by: Administrator, userId: string): Promise<BreakGlass> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const user = isUuid(userId) ? await lockAnyEndUser(tx, userId) : null
      if (!user) throw new AuthError('not_found')
      if (await insertBreakGlass(tx, userId, now))
        await recordAudit(tx, { ...by, action: 'sso.break_glass_granted', resource: 'end_user', resourceId: userId }, now)
      const granted = (await listBreakGlass(tx)).find((each) => each.userId === userId)
      if (!granted) throw new Error('what was granted is gone')
      return granted
    })
  }

  async revoke(project: ProjectRecord, by: Administrator, userId: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!isUuid(userId) || !(await deleteBreakGlass(tx, userId))) throw new AuthError('not_found')
      await recordAudit(tx, { ...by, action: 'sso.break_glass_revoked', resource: 'end_user', resourceId: userId }, now)
    })
  }
}
