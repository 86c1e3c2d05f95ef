import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { toNumericDate } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { signAccessToken } from '@portico/tokens/access-token'
import { computeRefreshToken } from '@portico/tokens/refresh-token'
import { markedTokenId, TOKEN_NONCE_BYTES, type UnmarkedClaims } from '@portico/tokens/token-mark'
import type { Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import type { ActiveOrganization } from '../records/organization.js'
import { absoluteEnd, type SessionDraft } from '../records/session-draft.js'
import type { AuthUrls } from '../project/auth-urls.js'
import type { AskHooks } from './hooks/ask-hooks.js'
import { organizationClaims } from './organization-claims.js'
import type { SignInAttempts } from './sign-in-attempts.js'
import type { ProjectKeys } from '../project/project-keys.js'

/** What a client is handed when a session starts or goes on. */
export interface IssuedSession {
  sessionId: string
  amr: string[]
  authTime: Date
  /** Absolute end of the session; `null`: none. */
  sessionExpiresAt: Date | null
  accessToken: string
  expiresInSeconds: number
  expiresAt: Date
  /** `null`: the client keeps the one it has. */
  refreshToken: string | null
  user: EndUser
  /** Which one its token names; `null`: none. */
  organization: ActiveOrganization | null
}

export interface ConfirmedSession {
  sessionId: string
  authTime: Date
  amr: string[]
  user: EndUser
  /** Absolute end: no token lives longer. `null`: none. */
  expiresAt: Date | null
  /** Which refresh token goes with it; `null`: none, the client keeps the one it has. */
  generation: number | null
  /** Where the session begins on a device that was not seen before: who called. */
  newDevice?: Caller | undefined
  /** Which one they work for just now; absent: none. */
  organization?: ActiveOrganization | null
}

/** What the client of a session that has just begun is given. */
export function firstTokens(project: ProjectRecord, draft: SessionDraft, user: EndUser, newDevice = false): ConfirmedSession {
  return {
    sessionId: draft.id, authTime: draft.startedAt, amr: draft.amr, user, expiresAt: absoluteEnd(project, draft), generation: 0,
    newDevice: newDevice ? draft.caller : undefined,
  }
}

/** Signs access tokens, and computes refresh tokens, for sessions that the database has confirmed. */
export class TokenIssuer {
  constructor(
    private readonly keys: ProjectKeys,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    readonly hooks: AskHooks,
    readonly attempts: SignInAttempts,
  ) {}

  async issue(project: ProjectRecord, session: ConfirmedSession): Promise<IssuedSession> {
    const { user, sessionId, generation, newDevice } = session
    if (newDevice) await this.hooks.onNewDevice(project, session, newDevice)
    const { access_token_ttl_seconds: ttl, token_type_header: typ, token_audience: audience, token_claims: wanted } = project.settings
    const issuedAt = toNumericDate(this.clock.now())
    // The session lives, so at least a second of it is left.
    const sessionEnd = session.expiresAt === null ? Infinity : Math.max(toNumericDate(session.expiresAt), issuedAt + 1)
    const expiry = Math.min(issuedAt + ttl, sessionEnd)
    const claims: UnmarkedClaims = {
      iss: this.urls.issuer(project),
      sub: user.id,
      exp: expiry,
      iat: issuedAt,
      sid: sessionId,
      email: user.email,
      email_verified: user.emailVerifiedAt !== null,
      amr: session.amr,
      auth_time: toNumericDate(session.authTime),
      acr: assuranceLevel(session.amr),
    }
    // Assigned and not spread, which is slow to make and to write.
    if (audience !== null) claims.aud = audience
    const organization = project.settings.organizations === 'off' ? null : (session.organization ?? null)
    Object.assign(claims, organizationClaims(organization))
    if (wanted.includes('app_metadata')) claims.app_metadata = user.appMetadata
    const appClaims = await this.hooks.claimsOf(project, session)
    if (appClaims !== undefined) claims.app_claims = appClaims
    const jti = markedTokenId(this.keys.markKey(project), this.entropy.bytes(TOKEN_NONCE_BYTES), claims)
    const accessToken = await signAccessToken(this.keys.ring(project), Object.assign(claims, { jti }), typ)
    const refreshToken = generation === null ? null : computeRefreshToken(this.keys.refreshKey(project), { sessionId, generation })
    return {
      sessionId, amr: session.amr, authTime: session.authTime, sessionExpiresAt: session.expiresAt, accessToken,
      expiresInSeconds: expiry - issuedAt, expiresAt: new Date(expiry * 1000), refreshToken, user, organization,
    }
  }
}

/** NIST SP 800-63B: `aal2` takes two different factors, which RFC 8176 calls `mfa`. */
export function assuranceLevel(amr: readonly string[]): 'aal1' | 'aal2' {
  return amr.includes('mfa') ? 'aal2' : 'aal1'
}
