import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { listLiveSessions, type ListedSession } from '../records/session-search.store.js'
import { findEndUser } from '../records/end-user-search.store.js'

/** The user's live sessions, the most recently used first; at most 1,000. */
export class ListEndUserSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, userId: string): Promise<ListedSession[]> {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    const now = this.clock.now()
    return listLiveSessions(this.db, project, userId, addSeconds(now, -project.settings.session_idle_seconds), now)
  }
}
