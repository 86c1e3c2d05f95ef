import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { readRefreshToken } from '@portico/tokens/refresh-token'
import type { Caller } from '../caller.js'
import type { ProjectKeys } from '../project/project-keys.js'
import { rotateSession } from '../records/session.store.js'
import type { IssuedSession, TokenIssuer } from '../steps/token-issuer.js'

/**
 * Trades a refresh token for its child and a new access token. As long as the child was not used, its parent gives the same child again.
 * Answers 401 only when the session is really over: clients log out on it. A made-up token costs no trip to the database.
 */
export class RefreshSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, refreshToken: string | null, caller: Caller): Promise<IssuedSession> {
    const presented = refreshToken === null ? null : readRefreshToken(this.keys.refreshKey(project), refreshToken)
    if (!presented) throw new AuthError('invalid_token')
    const rotation = await rotateSession(this.db, project, { ...presented, now: this.clock.now(), caller })
    if (!('user' in rotation)) throw new AuthError('session_ended')
    return this.issuer.issue(project, { sessionId: presented.sessionId, ...rotation })
  }
}
