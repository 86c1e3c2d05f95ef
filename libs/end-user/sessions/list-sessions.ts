import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { listLiveSessions } from '../records/session-search.store.js'

/** Where the user is signed in. */
export class ListSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, current: AuthenticatedSession) {
    const now = this.clock.now()
    const sessions = await listLiveSessions(this.db, project, current.user.id, addSeconds(now, -project.settings.session_idle_seconds), now)
    return {
      data: sessions.map((session) => ({
        id: session.id,
        created_at: session.createdAt.toISOString(),
        last_used_at: session.lastUsedAt.toISOString(),
        ip: session.ip,
        user_agent: session.userAgent,
        amr: session.amr,
        current: session.id === current.id,
      })),
    }
  }
}
