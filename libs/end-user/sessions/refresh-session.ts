import { ChildBox } from '@portico/crypto/child-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import type { SessionGrant, SessionGrants } from '../steps/session-grant.js'
import { rotateRefreshToken } from '../records/session.store.js'

const REFRESH_TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * Trades a refresh token for its child and a new access token. Any number of callers that bring the same parent within the grace time
 * get the same child. Answers 401 only when the session is really over: clients log out on it.
 */
export class RefreshSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly children: ChildBox,
    private readonly grants: SessionGrants,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, refreshToken: string | null, caller: Caller): Promise<SessionGrant> {
    if (refreshToken === null || !REFRESH_TOKEN.test(refreshToken)) throw new AuthError('invalid_token')
    const { projectId } = project.scope
    const child = opaqueToken(this.entropy)
    const rotation = await rotateRefreshToken(this.db, project, {
      digest: digestToken(refreshToken),
      childDigest: digestToken(child),
      childSealed: this.children.seal(child, refreshToken, projectId),
      now: this.clock.now(),
      ...caller,
    })
    if (!('user' in rotation)) throw new AuthError(rotation.outcome === 'unknown' ? 'invalid_token' : 'session_ended')
    const { childSealed } = rotation
    return this.grants.grant(project, {
      sessionId: rotation.sessionId,
      authTime: rotation.authTime,
      amr: rotation.amr,
      user: rotation.user,
      refreshToken: rotation.outcome === 'replayed' && childSealed ? this.children.open(childSealed, refreshToken, projectId) : child,
    })
  }
}
