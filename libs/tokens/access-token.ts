import { toNumericDate } from '@portico/kernel/duration'
import { invalidToken, signCompact, verifyCompact, type JwsPayload } from './compact-jws.js'
import type { KeyRing } from './key-ring.js'

/** What an access token says (RFC 9068, RFC 8176). Times are NumericDates: whole seconds since the epoch. */
export interface AccessTokenClaims {
  /** The `AUTH_URL` it was issued under. */
  iss: string
  /** The end user's UUID. */
  sub: string
  /** Only where the project sets one (`token_audience`); other audiences may stand beside it. */
  aud?: string | string[]
  exp: number
  iat: number
  jti: string
  /** The session's UUID. */
  sid: string
  email: string
  email_verified: boolean
  /** How the user proved who they are, such as `pwd`, `otp`, `hwk`. */
  amr: string[]
  /** When they did. */
  auth_time: number
  acr?: string
  /** The organization that the person works for just now, and what they may do there; all four or none. */
  org_id?: string
  org_slug?: string
  org_role?: string
  permissions?: string[]
  /** What the platform says of the person, where the project wants it (`token_claims`). */
  app_metadata?: Record<string, unknown>
  /** What the app adds (hook `token_claims`), each under a name with a colon in it; in the token they stand beside the others. */
  app_claims?: Record<string, unknown>
}

export interface AccessTokenExpectation {
  now: Date
  /** Every `AUTH_URL` the project answers under. */
  issuers: readonly string[]
  /** A token that names audiences names one of these; one that names none is for every holder of the key. */
  audiences: readonly string[]
  /** A token that was issued for longer is not one of ours, or the project wants shorter ones since. */
  maxLifetimeSeconds: number
}

/** `JWT` is what every library takes without being told (RFC 7519, 5.1); `at+jwt` says that it is an access token (RFC 9068, 2.1). */
export type AccessTokenType = 'JWT' | 'at+jwt'

// Either type, whatever the project's setting says now: a change of it must not refuse tokens that live.
const TYPES: ReadonlySet<unknown> = new Set<AccessTokenType>(['JWT', 'at+jwt'])
// `JWT` does not say what kind of token it is, so the claims must (RFC 8725, 3.12): these are of ID and logout tokens (OpenID Connect),
// never ours.
const CLAIMS_OF_OTHER_KINDS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'azp', 'events']
// Between our own processes, whose clocks may differ. `exp` has none: an expired token is expired.
const CLOCK_SKEW_SECONDS = 5

/** A compact JWS with `alg, typ, kid`, signed with the ring's current key. Only the claims of the type are written. */
export function signAccessToken(ring: KeyRing, claims: AccessTokenClaims, typ: AccessTokenType): Promise<string> {
  return signCompact(ring, typ, pickClaims(claims))
}

/**
 * The claims of a good access token: signature, type, times, issuer and audience. It does not know whether the session and the user
 * still live; a holder of the HS256 secret can sign anything, so calls that read or change an account must ask.
 *
 * HS256 answers or throws at once, ES256 gives a promise: `await` it in either case. Anything wrong is `invalid_token`.
 */
export function verifyAccessToken(
  ring: KeyRing,
  token: string,
  expectation: AccessTokenExpectation,
): AccessTokenClaims | Promise<AccessTokenClaims> {
  const payload = verifyCompact(ring, TYPES, token, expectation.now)
  if (payload instanceof Promise) return payload.then((verified) => checkClaims(verified, expectation))
  return checkClaims(payload, expectation)
}

function checkClaims(payload: JwsPayload, { now, issuers, audiences, maxLifetimeSeconds }: AccessTokenExpectation): AccessTokenClaims {
  const claims = readClaims(payload)
  const nowSeconds = toNumericDate(now)
  const named = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
  if (!issuers.includes(claims.iss) || (named && !named.some((audience) => audiences.includes(audience)))) throw invalidToken()
  if (CLAIMS_OF_OTHER_KINDS.some((name) => Object.hasOwn(payload, name))) throw invalidToken()
  if (claims.exp <= nowSeconds || claims.exp <= claims.iat || claims.exp - claims.iat > maxLifetimeSeconds) throw invalidToken()
  const latest = nowSeconds + CLOCK_SKEW_SECONDS
  const notBefore = payload['nbf'] === undefined ? claims.iat : numericDate(payload['nbf'])
  if (claims.iat > latest || claims.auth_time > latest || notBefore > latest) throw invalidToken()
  return claims
}

function readClaims(payload: JwsPayload): AccessTokenClaims {
  const { aud, email_verified: emailVerified, acr } = payload
  if (typeof emailVerified !== 'boolean') throw invalidToken()
  const claims: AccessTokenClaims = {
    iss: text(payload['iss']),
    sub: text(payload['sub']),
    exp: numericDate(payload['exp']),
    iat: numericDate(payload['iat']),
    jti: text(payload['jti']),
    sid: text(payload['sid']),
    email: text(payload['email']),
    email_verified: emailVerified,
    amr: texts(payload['amr']),
    auth_time: numericDate(payload['auth_time']),
  }
  // Not spread: V8 takes ten times as long to make and to write an object that was put together from others.
  if (aud !== undefined) claims.aud = Array.isArray(aud) ? texts(aud) : text(aud)
  if (acr !== undefined) claims.acr = text(acr)
  if (payload['org_id'] !== undefined) {
    claims.org_id = text(payload['org_id'])
    claims.org_slug = text(payload['org_slug'])
    claims.org_role = text(payload['org_role'])
    claims.permissions = texts(payload['permissions'])
  }
  const appMetadata = payload['app_metadata']
  if (appMetadata !== undefined) claims.app_metadata = object(appMetadata)
  const appClaims = claimsOfApp(payload)
  if (appClaims !== undefined) claims.app_claims = appClaims
  return claims
}

/** Field by field, so that nothing else gets into a token. */
function pickClaims(given: AccessTokenClaims): AccessTokenClaims {
  const { iss, sub, aud, exp, iat, jti, sid, email, email_verified, amr, auth_time, acr, app_metadata: appMetadata } = given
  const claims: AccessTokenClaims = { iss, sub, exp, iat, jti, sid, email, email_verified, amr, auth_time }
  if (aud !== undefined) claims.aud = aud
  if (acr !== undefined) claims.acr = acr
  if (given.org_id !== undefined) {
    claims.org_id = given.org_id
    claims.org_slug = given.org_slug ?? ''
    claims.org_role = given.org_role ?? ''
    claims.permissions = given.permissions ?? []
  }
  if (appMetadata !== undefined) claims.app_metadata = appMetadata
  // Names with a colon: none is ours, and none is registered.
  return given.app_claims === undefined ? claims : Object.assign(claims, claimsOfApp(given.app_claims))
}

function claimsOfApp(from: Record<string, unknown>): Record<string, unknown> | undefined {
  let found: Record<string, unknown> | undefined
  for (const name in from) if (name.includes(':')) (found ??= {})[name] = from[name]
  return found
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidToken()
  return value as Record<string, unknown>
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalidToken()
  return value
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidToken()
  return value.map(text)
}

function numericDate(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalidToken()
  return value
}
