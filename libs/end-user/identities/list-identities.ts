import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { identityAnswer } from '../records/identity-answer.js'
import { listIdentities } from '../records/identity.store.js'

export class ListIdentities {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession) {
    return { data: (await listIdentities(this.db, project, session.user.id)).map(identityAnswer) }
  }
}
