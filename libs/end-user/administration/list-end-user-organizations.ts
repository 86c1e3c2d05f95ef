import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { findEndUser } from '../records/end-user-search.store.js'
import type { Organization } from '../records/organization.js'
import { listOrganizationsOf } from '../records/organization.store.js'

/** Where somebody belongs, and as what, as an operator looks at it. */
export class ListEndUserOrganizations {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string): Promise<{ organization: Organization; role: string }[]> {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    return listOrganizationsOf(this.db, project, userId)
  }
}
