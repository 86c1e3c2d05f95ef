import { keySetAt } from './key-set.js'
import { invalidToken } from './token-error.js'

/** What an access token says (RFC 7519, 8176, 9068). Times are whole seconds since 1970. */
export interface TokenClaims {
  /** `AUTH_URL`. */
  iss: string
  /** The user's id, a UUID. */
  sub: string
  /** Only where the project sets `token_audience`. */
  aud?: string | string[]
  exp: number
  iat: number
  jti: string
  /** The session's id. */
  sid: string
  email: string
  email_verified: boolean
  /** How the user proved who they are: `pwd`, `otp`, `hwk` … */
  amr: string[]
  /** When they did. */
  auth_time: number
  [claim: string]: unknown
}

export interface VerifyOptions {
  /** The 64 hex characters of `AUTH_JWT_SECRET`, as they are: the text is the key. */
  secret?: string
  /** Several, of which one must fit: the current one and those that a rotation brings or leaves behind. */
  secrets?: readonly string[]
  /** Where an ES256 project publishes its keys: `<AUTH_URL>/.well-known/jwks.json`. */
  jwksUrl?: string
  /** `iss` must be this or one of these; `AUTH_URL` when absent. */
  issuer?: string | readonly string[]
  /** `aud` must hold this or one of these; not checked when absent. */
  audience?: string | readonly string[]
  /** For clocks that differ, in seconds; 5 when absent. */
  clockToleranceSeconds?: number
  /** The time to judge by. */
  now?: Date
}

/** The variables that `verifyToken` reads: what an instance says as its `reads` when it checks tokens with nothing else. */
export const VERIFY_TOKEN_READS = [
  'AUTH_URL',
  'AUTH_JWT_SECRET',
  'AUTH_JWT_SECRET_NEXT',
  'AUTH_JWT_SECRET_PREVIOUS',
  'AUTH_JWKS_URL',
] as const

const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt'])
// `JWT` does not say what kind of token it is, so the claims must (RFC 8725, 3.12): ours have `jti` and `sid`, and none of these, which are
// of ID and logout tokens.
const CLAIMS_OF_OTHER_KINDS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'azp', 'events']
const LONGEST_TOKEN = 16_384

/**
 * The claims of a good access token: signature, type, times, issuer and audience. Keys and issuer come from the environment when no option
 * says otherwise: `AUTH_JWT_SECRET`, `AUTH_JWT_SECRET_NEXT`, `AUTH_JWT_SECRET_PREVIOUS`, `AUTH_JWKS_URL`, `AUTH_URL`. Needs no network with
 * a secret.
 *
 * It cannot know that a session was ended meanwhile: for the few calls where the minutes until expiry matter, ask `POST <AUTH_URL>/verify`.
 *
 * @throws TokenError `invalid_token`, or `unavailable` when the key set cannot be fetched. TypeError when there is no key to check with.
 */
export async function verifyToken(token: string, options: VerifyOptions = {}): Promise<TokenClaims> {
  const { secrets, jwksUrl, issuers } = settingsOf(options)
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN) throw invalidToken('not a compact JWS')
  const [encodedHeader = '', encodedPayload = '', encodedSignature = '', ...more] = token.split('.')
  if (more.length > 0 || !encodedSignature) throw invalidToken('not a compact JWS')
  const header = parse(encodedHeader)
  const payload = parse(encodedPayload)
  const signature = decode(encodedSignature)
  const signed = new TextEncoder().encode(`${encodedHeader}.${encodedPayload}`)
  // RFC 8725, 3.1: what we hold decides how a signature is checked; the token's `alg` may only agree.
  if (header['alg'] === 'HS256' && secrets.length > 0) {
    if (!(await fitsOne(secrets, signature, signed))) throw invalidToken('the signature fits none of the secrets')
  } else if (header['alg'] === 'ES256' && jwksUrl) {
    const { kid } = header
    if (typeof kid !== 'string' || kid === '') throw invalidToken('an ES256 token needs a kid')
    const key = await keySetAt(jwksUrl).key(kid)
    if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, signed)))
      throw invalidToken('the signature does not fit')
  } else throw invalidToken('an algorithm that is not allowed here')
  if (!TYPES.has(String(header['typ']).toLowerCase())) throw invalidToken('not an access token')
  if ('crit' in header) throw invalidToken('a critical header that is not understood')
  return checkClaims(payload, issuers, options)
}

function checkClaims(payload: Record<string, unknown>, issuers: readonly string[] | null, options: VerifyOptions): TokenClaims {
  const { iss, sub, aud, exp, iat, nbf } = payload
  const now = Math.floor((options.now?.getTime() ?? Date.now()) / 1000)
  const tolerance = options.clockToleranceSeconds ?? 5
  const { jti, sid } = payload
  if (typeof jti !== 'string' || typeof sid !== 'string' || CLAIMS_OF_OTHER_KINDS.some((name) => Object.hasOwn(payload, name))) {
    throw invalidToken('not an access token')
  }
  if (typeof sub !== 'string' || sub === '') throw invalidToken('no sub')
  if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf))) throw invalidToken('a time is missing or malformed')
  if (exp <= now - tolerance) throw invalidToken('expired')
  if (Math.max(iat, nbf ?? 0) > now + tolerance) throw invalidToken('not valid yet')
  if (issuers && !(typeof iss === 'string' && issuers.includes(iss))) throw invalidToken('another issuer')
  if (options.audience !== undefined) {
    const wanted = listOf(options.audience)
    const given = Array.isArray(aud) ? (aud as unknown[]) : [aud]
    if (!given.some((one) => typeof one === 'string' && wanted.includes(one))) throw invalidToken('another audience')
  }
  return payload as unknown as TokenClaims
}

interface Settings {
  secrets: readonly string[]
  jwksUrl: string | null
  issuers: readonly string[] | null
}

function settingsOf(options: VerifyOptions): Settings {
  const authUrl = readEnv('AUTH_URL')?.replace(/\/+$/, '')
  const issuers = options.issuer === undefined ? (authUrl ? [authUrl] : null) : listOf(options.issuer)
  const given = [...(options.secret ? [options.secret] : []), ...(options.secrets ?? [])]
  if (options.secret === '' || options.secrets?.includes('')) throw new TypeError('verifyToken: a secret is empty.')
  if (given.length > 0 || options.jwksUrl) return { secrets: given, jwksUrl: options.jwksUrl ?? null, issuers }
  const secrets = ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_JWT_SECRET_PREVIOUS'].flatMap((name) => readEnv(name) ?? [])
  const jwksUrl = readEnv('AUTH_JWKS_URL') ?? (secrets.length === 0 && authUrl ? `${authUrl}/.well-known/jwks.json` : null)
  if (secrets.length === 0 && !jwksUrl) throw new TypeError('verifyToken: give a secret or a jwksUrl, or set AUTH_JWT_SECRET or AUTH_URL.')
  return { secrets, jwksUrl, issuers }
}

type HmacKey = Parameters<SubtleCrypto['verify']>[1]
const hmacKeys = new Map<string, Promise<HmacKey>>()
const MOST_HMAC_KEYS = 64

// Every secret is tried, whatever the kid says: instances learn of new secrets before they learn their names.
async function fitsOne(secrets: readonly string[], signature: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  for (const secret of secrets) if (await crypto.subtle.verify('HMAC', await hmacKey(secret), signature, signed)) return true
  return false
}

function hmacKey(secret: string): Promise<HmacKey> {
  const known = hmacKeys.get(secret)
  if (known) return known
  if (hmacKeys.size >= MOST_HMAC_KEYS) hmacKeys.clear()
  const key = crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  hmacKeys.set(secret, key)
  return key
}

const BASE64URL = /^[A-Za-z0-9_-]+$/

function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!BASE64URL.test(text)) throw invalidToken('not base64url')
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw invalidToken('not base64url', cause)
  }
}

function parse(encoded: string): Record<string, unknown> {
  const bytes = decode(encoded)
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw invalidToken('not JSON', cause)
  }
  throw invalidToken('not a JSON object')
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

/** Edge runtimes have no `process`, and some refuse to read from it. */
export function readEnv(name: string): string | undefined {
  try {
    const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
    return host.process?.env?.[name] || undefined
  } catch {
    return undefined
  }
}

export { TokenError } from './token-error.js'

/** For whom a server calls. */
export interface ForwardedClient {
  /** An API key of the tenant with the scope `clients:forward`. It must never reach a browser. */
  key: string
  /** The end user's address, as the server's own framework tells it. */
  clientAddress: string
}

/**
 * A `fetch` for an app's server that calls the data plane for one end user: limits by client and the audit log then see that person's
 * address instead of the server's. Give it to `createAuth({ fetch })`, or call it yourself. One per request.
 */
export function fetchForClient({ key, clientAddress }: ForwardedClient, send: typeof fetch = fetch): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    headers.set('X-Portico-Key', key)
    headers.set('X-Portico-Client-Address', clientAddress)
    return send(input, { ...init, headers })
  }
}
