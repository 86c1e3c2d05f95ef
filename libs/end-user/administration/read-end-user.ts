import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Account } from '../account/read-account.js'
import { readUserDetails } from '../records/account.view.js'
import { waitingEmail } from '../records/end-user.js'
import { findEndUser, findPendingEmail } from '../records/end-user-search.store.js'

export class ReadEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, userId: string): Promise<Account> {
    const found = await this.db.transaction(project.scope, async (tx) => {
      const user = await findEndUser(tx, userId)
      return user && { user, pending: await findPendingEmail(tx, userId) }
    })
    if (!found) throw new AuthError('not_found')
    const details = await readUserDetails(this.db, project.scope, userId)
    return { user: found.user, ...details, pendingEmail: waitingEmail(found.pending, this.clock.now()) }
  }
}
