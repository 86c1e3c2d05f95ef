import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { findEndUser } from '../records/end-user-search.store.js'
import { listPasskeys, type ListedPasskey } from '../records/passkey.store.js'

/** What opens the account without a password, as an operator looks at it. */
export class ListEndUserPasskeys {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string): Promise<ListedPasskey[]> {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    return listPasskeys(this.db, project.scope, userId)
  }
}
