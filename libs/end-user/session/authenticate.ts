import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { verifyAccessToken, type AccessTokenClaims } from '@portico/tokens/access-token'
import { isUuid } from '@portico/kernel/ids'
import type { AuthUrls } from '../project/auth-urls.js'
import type { ProjectKeys } from '../project/project-keys.js'
import { findLiveSession, type LiveSession } from './session.store.js'

/** A signed-in end user: a good token and the live session behind it. */
export interface AuthenticatedSession extends LiveSession {
  claims: AccessTokenClaims
  token: string
}

/** A token's signature says little: whoever holds the HS256 secret can make one. The session and its user must be live in the database. */
export class Authenticate {
  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
  ) {}

  /** Signature, type, times, issuer and audience. Throws `invalid_token`. */
  async claims(project: ProjectRecord, token: string): Promise<AccessTokenClaims> {
    const expectation = { now: this.clock.now(), issuers: [this.urls.issuer(project)], audience: this.urls.audience(project) }
    const claims = await verifyAccessToken(this.keys.ring(project), token, expectation)
    if (!isUuid(claims.sid) || !isUuid(claims.sub)) throw new AuthError('invalid_token')
    return claims
  }

  /** Throws `invalid_token` for a bad token, `session_ended` for a good one whose session or user is over. */
  async execute(project: ProjectRecord, token: string): Promise<AuthenticatedSession> {
    const claims = await this.claims(project, token)
    const session = await findLiveSession(this.db, project, claims.sid, this.clock.now())
    if (!session || session.user.id !== claims.sub.toLowerCase()) throw new AuthError('session_ended')
    return { ...session, claims, token }
  }
}
