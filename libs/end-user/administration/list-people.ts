import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { EndUser } from '../records/end-user.js'
import { findEndUsers, lockEndUserByEmail } from '../records/end-user-search.store.js'
import { readEmail } from '../read-email.js'
import { listUsersWithWayIn } from '../records/ways-in.view.js'

/** End users by their ids, and which of them could sign in. */
export class ListPeople {
  constructor(
    private readonly db: ProjectDb,
    private readonly emailConfigured: boolean,
  ) {}

  byIds(project: ProjectRecord, ids: readonly string[]): Promise<EndUser[]> {
    return this.db.transaction(project.scope, (tx) => findEndUsers(tx, ids))
  }

  /** By normalised address. */
  byAddress(project: ProjectRecord, email: string): Promise<EndUser | null> {
    return this.db.transaction(project.scope, (tx) => lockEndUserByEmail(tx, readEmail(email).normalised))
  }

  async whoCanSignIn(project: ProjectRecord, ids: readonly string[]): Promise<Set<string>> {
    const rpId = relyingPartyId(project.settings, [])
    const wanted = { ids, rpId, mail: this.emailConfigured }
    return new Set(await this.db.transaction(project.scope, (tx) => listUsersWithWayIn(tx, project, wanted)))
  }
}
