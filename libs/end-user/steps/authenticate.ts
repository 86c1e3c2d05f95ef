import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { toNumericDate } from '@portico/kernel/duration'
import { isUuid } from '@portico/kernel/ids'
import { verifyAccessToken, type AccessTokenClaims } from '@portico/tokens/access-token'
import { keyIdOf } from '@portico/tokens/compact-jws'
import type { KeyRing } from '@portico/tokens/key-ring'
import { isMarked } from '@portico/tokens/token-mark'
import type { AuthUrls } from '../project/auth-urls.js'
import type { ProjectKeys } from '../project/project-keys.js'
import { RecentTokens, type CheckedToken } from './recent-tokens.js'
import { findLiveSession, type LiveSession } from '../records/session.store.js'

/** A signed-in end user: a good token and the live session behind it. */
export interface AuthenticatedSession extends LiveSession {
  claims: AccessTokenClaims
  token: string
}

/** The nil UUID (RFC 9562, 5.9): no session has it. */
export const NO_SESSION = '00000000-0000-0000-0000-000000000000'

/**
 * A token of ours says what was true when it was issued. For what reads or changes an account, session and user must be live in the
 * database.
 */
export class Authenticate {
  readonly #recent = new RecentTokens()

  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
  ) {}

  /** Signature, type, times, issuer and audience. Throws `invalid_token`. */
  async claims(project: ProjectRecord, token: string): Promise<AccessTokenClaims> {
    return (await this.check(project, token)).claims
  }

  /** The same with what follows from the claims; at once for HS256 and for a token that was seen before, and then it throws. */
  check(project: ProjectRecord, token: string): CheckedToken | Promise<CheckedToken> {
    const now = this.clock.now()
    const recent = this.#recent.find(project, token)
    return recent && recent.claims.exp > toNumericDate(now) ? recent : this.#verify(project, token, now)
  }

  #verify(project: ProjectRecord, token: string, now: Date): CheckedToken | Promise<CheckedToken> {
    const ring = this.keys.ring(project)
    const expectation = {
      now,
      issuers: this.urls.issuers(project),
      audiences: this.urls.audiences(project),
      maxLifetimeSeconds: project.settings.access_token_ttl_seconds,
    }
    const verified = verifyAccessToken(ring, token, expectation)
    if (verified instanceof Promise) return verified.then((claims) => this.#take(project, ring, token, claims))
    return this.#take(project, ring, token, verified)
  }

  #take(project: ProjectRecord, ring: KeyRing, token: string, claims: AccessTokenClaims): CheckedToken {
    if (!isUuid(claims.sid) || !isUuid(claims.sub)) throw new AuthError('invalid_token')
    const userId = claims.sub.toLowerCase()
    // Whoever holds the HS256 secret can sign; only we can mark. What we did not make names no session, whatever it says.
    if (!isMarked(this.keys.markKey(project), claims)) return { project, token, claims, userId, sessionId: NO_SESSION }
    const checked = { project, token, claims, userId, sessionId: claims.sid.toLowerCase() }
    // A retired key stops to verify at a moment of its own: its tokens are checked every time.
    if (!ring.isRetired(keyIdOf(token))) this.#recent.remember(checked)
    return checked
  }

  /** Throws `invalid_token` for a bad token, `session_ended` for a good one whose session or user is over. */
  async execute(project: ProjectRecord, token: string): Promise<AuthenticatedSession> {
    const { claims, userId, sessionId } = await this.check(project, token)
    const session = await findLiveSession(this.db, project, sessionId, this.clock.now(), claims.org_id ?? null)
    if (session?.user.id !== userId) throw new AuthError('session_ended')
    return { ...session, claims, token }
  }
}
