import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { readUserDetails } from '../records/account.view.js'
import { endUserAnswer } from '../records/end-user.js'
import { findEndUser } from '../records/end-user-search.store.js'

export class ReadEndUser {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string) {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    return { ...endUserAnswer(user), ...(await readUserDetails(this.db, project.scope, userId)) }
  }
}
