import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { endUserAnswer } from '../end-user.js'
import type { AuthenticatedSession } from '../session/authenticate.js'
import { readUserDetails } from './user-details.store.js'

/** The signed-in user with everything that belongs to them. */
export class ReadAccount {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession) {
    return { ...endUserAnswer(session.user), ...(await readUserDetails(this.db, project.scope, session.user.id)) }
  }
}
