import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { listLiveSessions, type ListedSession } from '../records/session-search.store.js'

/** Where the user is signed in. */
export class ListSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, current: AuthenticatedSession): Promise<ListedSession[]> {
    const now = this.clock.now()
    return listLiveSessions(this.db, project, current.user.id, addSeconds(now, -project.settings.session_idle_seconds), now)
  }
}
