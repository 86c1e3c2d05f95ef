import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { byUser, type Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { endSession } from '../records/session.store.js'
import { endEverySession } from '../steps/end-every-session.js'

/** The user ends one of their sessions. Somebody else's is `not_found`, like none at all. */
export class EndSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, current: AuthenticatedSession, sessionId: string, caller: Caller): Promise<void> {
    if (!isUuid(sessionId)) throw new AuthError('not_found')
    const now = this.clock.now()
    const userId = current.user.id
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await endSession(tx, { sessionId: sessionId.toLowerCase(), userId, reason: 'ended_by_user', now })))
        throw new AuthError('not_found')
      await recordAudit(
        tx,
        {
          action: 'session.ended',
          ...byUser(userId, caller),
          resource: 'session',
          resourceId: sessionId.toLowerCase(),
          metadata: { reason: 'ended_by_user' },
        },
        now,
      )
    })
  }
}

/** The user ends all of their sessions, this one included. */
export class EndAllSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, current: AuthenticatedSession, caller: Caller): Promise<number> {
    const now = this.clock.now()
    const userId = current.user.id
    return this.db.transaction(project.scope, async (tx) => {
      const { sessions: ended } = await endEverySession(tx, { userId, except: null, reason: 'ended_by_user', now })
      await recordAudit(
        tx,
        { action: 'user.sessions_ended', ...byUser(userId, caller), metadata: { sessionsEnded: ended } },
        now,
      )
      await addToOutbox(
        tx,
        this.entropy.uuid(),
        { kind: 'security_notice', payload: { endUserId: userId, event: 'sessions_ended' } },
        now,
      )
      return ended
    })
  }
}
