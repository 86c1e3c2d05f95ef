import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { listIdentities, type Identity } from '../records/identity.store.js'

export class ListIdentities {
  constructor(private readonly db: ProjectDb) {}

  execute(project: ProjectRecord, session: AuthenticatedSession): Promise<Identity[]> {
    return listIdentities(this.db, project, session.user.id)
  }
}
