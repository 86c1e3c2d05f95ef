import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { Authenticate } from '../steps/authenticate.js'
import { endSession, findSessionByRefreshToken } from '../records/session.store.js'
import { endEverySession } from '../steps/end-every-session.js'

export type LogOutScope = 'local' | 'global' | 'others'

export interface LogOutInput {
  accessToken: string | null
  refreshToken: string | null
  scope: LogOutScope
}

/**
 * Ends this session, all of the user's, or all others. An access token or the refresh token says which user; logging out of a session that
 * is already over succeeds, so that a client can always clear its state. Ending more than one session needs a live one.
 */
export class LogOut {
  constructor(
    private readonly db: ProjectDb,
    private readonly authenticate: Authenticate,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, { accessToken, refreshToken, scope }: LogOutInput, caller: Caller): Promise<void> {
    const claims = accessToken === null ? null : await this.authenticate.claims(project, accessToken)
    if (!claims && refreshToken === null) throw new AuthError('unauthenticated')
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const session = claims
        ? { sessionId: claims.sid.toLowerCase(), userId: claims.sub.toLowerCase() }
        : await findSessionByRefreshToken(tx, digestToken(refreshToken ?? ''))
      if (!session) throw new AuthError('invalid_token')
      const ended = await end(tx, session, scope, now)
      if (ended === 0) return
      await recordAudit(
        tx,
        {
          action: 'session.ended',
          actor: { type: 'end_user', id: session.userId },
          resource: 'session',
          resourceId: session.sessionId,
          ...caller,
          metadata: { reason: 'logout', scope, sessions_ended: ended },
        },
        now,
      )
    })
  }
}

async function end(tx: ProjectTx, session: { sessionId: string; userId: string }, scope: LogOutScope, now: Date): Promise<number> {
  const { sessionId, userId } = session
  if (scope === 'local') return (await endSession(tx, { sessionId, userId, reason: 'logout', now })) ? 1 : 0
  // Ends this one first: only a session that is still open may end others.
  if (!(await lockOpenSession(tx, sessionId, userId))) throw new AuthError('session_ended')
  return (await endEverySession(tx, { userId, except: scope === 'others' ? sessionId : null, reason: 'logout', now })).sessions
}

async function lockOpenSession(tx: ProjectTx, sessionId: string, userId: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'session_lock_open',
    text: `select id from auth.session
      where project_id = auth.current_project_id() and id = $1 and end_user_id = $2 and ended_at is null for update`,
    values: [sessionId, userId],
  })
  return rows.length > 0
}
