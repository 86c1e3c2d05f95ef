import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Administrator } from './administrator.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { endSession } from '../records/session.store.js'
import { endEverySession } from '../steps/end-every-session.js'

/** Ends all sessions of a user, or one of them; answers how many ended. */
export class EndEndUserSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string, only: string | null): Promise<number> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockAnyEndUser(tx, userId))) throw new AuthError('not_found')
      const ended = await end(tx, { userId, only, now })
      if (only !== null && ended === 0) throw new AuthError('not_found')
      await recordAudit(
        tx,
        {
          ...by,
          action: only === null ? 'user.sessions_ended' : 'session.ended',
          resource: only === null ? 'end_user' : 'session',
          resourceId: only ?? userId,
          metadata: { sessionsEnded: ended, endUserId: userId },
        },
        now,
      )
      return ended
    })
  }
}

async function end(tx: ProjectTx, { userId, only, now }: { userId: string; only: string | null; now: Date }): Promise<number> {
  const reason = 'ended_by_administrator'
  if (only !== null) return (await endSession(tx, { sessionId: only, userId, reason, now })) ? 1 : 0
  return (await endEverySession(tx, { userId, except: null, reason, now })).sessions
}
