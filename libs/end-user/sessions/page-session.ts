import { constantTimeEqual } from '@portico/crypto/constant-time'
import { deriveToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { isUuid } from '@portico/kernel/ids'
import type { ProjectKeys } from '../project/project-keys.js'
import { findLiveSession } from '../records/session.store.js'
import type { Authenticate, AuthenticatedSession } from '../steps/authenticate.js'
import type { TokenIssuer } from '../steps/token-issuer.js'

/**
 * The session of our own pages: the very session that a sign-in started, held by a cookie instead of tokens. It ends with it, so a sign-out
 * in the app signs out here too. The cookie is computed from the session's id, as refresh tokens are; nothing of it is stored.
 */
export class PageSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly issuer: TokenIssuer,
    private readonly authenticate: Authenticate,
    private readonly clock: Clock,
  ) {}

  /** What the cookie of this session says. */
  cookieOf(project: ProjectRecord, sessionId: string): string {
    return `${sessionId}.${deriveToken(this.keys.pageKey(project), ['cookie', sessionId])}`
  }

  /** `null`: there is none, it was made up, or its session has ended. */
  async open(project: ProjectRecord, cookie: string | null): Promise<AuthenticatedSession | null> {
    const sessionId = cookie?.split('.', 1)[0] ?? ''
    if (cookie === null || !isUuid(sessionId) || !constantTimeEqual(cookie, this.cookieOf(project, sessionId))) return null
    const live = await findLiveSession(this.db, project, sessionId, this.clock.now())
    if (live === null) return null
    const { authTime, amr, user, expiresAt } = live
    const issued = await this.issuer.issue(project, { sessionId, authTime, amr, user, expiresAt, generation: null })
    const { claims } = await this.authenticate.check(project, issued.accessToken)
    return { ...live, claims, token: issued.accessToken }
  }
}
