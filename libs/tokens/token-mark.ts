import { hmacSha256Text, macTextsEqual } from '@portico/crypto/hmac'
import type { AccessTokenClaims } from './access-token.js'

export type UnmarkedClaims = Omit<AccessTokenClaims, 'jti'>

export const TOKEN_NONCE_BYTES = 15
/** Of the MAC's 43: 132 bits, half of it (RFC 2104, 5). */
const MAC_CHARACTERS = 22
const JTI = /^[A-Za-z0-9_-]{42}$/

/**
 * A good signature does not prove that we made a token: an app holds its HS256 secret. So `jti` carries our own mark, a nonce and an
 * HMAC-SHA-256 over it and all other claims, under a key that never leaves the service. Changed or made-up claims have none.
 */
export function markedTokenId(key: Buffer, nonce: Buffer, claims: UnmarkedClaims): string {
  const text = nonce.toString('base64url')
  return text + macOf(key, text, claims)
}

/** Whether we made a token with exactly these claims. */
export function isMarked(key: Buffer, claims: AccessTokenClaims): boolean {
  const { jti } = claims
  if (!JTI.test(jti)) return false
  return macTextsEqual(macOf(key, jti.slice(0, -MAC_CHARACTERS), claims), jti.slice(-MAC_CHARACTERS))
}

/** One list, whoever made the object and in whatever order: JSON keeps the values apart, and null is the value of no claim. */
function macOf(key: Buffer, nonce: string, claims: UnmarkedClaims): string {
  const { iss, sub, aud, exp, iat, sid, email, email_verified: emailVerified, amr, auth_time: authTime, acr } = claims
  const values: unknown[] = [nonce, iss, sub, aud ?? null, exp, iat, sid, email, emailVerified, amr, authTime, acr ?? null]
  if (claims.org_id !== undefined) values.push(claims.org_id, claims.org_slug, claims.org_role, claims.permissions)
  if (claims.app_metadata !== undefined) values.push(claims.app_metadata)
  if (claims.app_claims !== undefined) values.push(Object.entries(claims.app_claims).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const text = JSON.stringify(values)
  return hmacSha256Text(key, text).slice(0, MAC_CHARACTERS)
}
