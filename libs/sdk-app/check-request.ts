import { TokenError } from './token-error.js'
import { type TokenClaims, verifyToken, type VerifyOptions } from './server.js'

export interface RequireAuthOptions extends VerifyOptions {
  /** Lets requests without a token pass, with no claims. A bad token is refused all the same. */
  optional?: boolean
}

/** What to answer instead of the route's own answer. */
export interface Refusal {
  status: 401 | 503
  headers: Record<string, string>
  body: { error: { code: string; message: string } }
}

export type Checked = { claims: TokenClaims | null } | { refusal: Refusal }

/** Judges an `Authorization` header. Throws only what is a mistake in the configuration. */
export async function checkAuthorization(header: string | null | undefined, options: RequireAuthOptions): Promise<Checked> {
  if (!header && options.optional) return { claims: null }
  const token = /^Bearer +([^ ]+) *$/i.exec(header ?? '')?.[1]
  // RFC 6750, 3.1: no error code for a request that brought no token.
  if (token === undefined) return { refusal: refuse(401, 'unauthenticated', 'A bearer token is required.', 'Bearer') }
  try {
    return { claims: await verifyToken(token, options) }
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    if (error.code === 'unavailable') return { refusal: refuse(503, error.code, error.message) }
    return { refusal: refuse(401, error.code, error.message, 'Bearer error="invalid_token"') }
  }
}

function refuse(status: 401 | 503, code: string, message: string, challenge?: string): Refusal {
  const headers: Record<string, string> = challenge ? { 'WWW-Authenticate': challenge } : { 'Retry-After': '5' }
  return { status, headers, body: { error: { code, message } } }
}
