import { constantTimeEqual } from '@portico/crypto/constant-time'
import { hmacSha256 } from '@portico/crypto/hmac'
import { pickClaims, type AccessTokenClaims } from './access-token.js'

export type UnmarkedClaims = Omit<AccessTokenClaims, 'jti'>

const NONCE_BYTES = 16
// Half of the MAC: RFC 2104, 5.
const MAC_BYTES = 16
const JTI = /^[A-Za-z0-9_-]{43}$/

/**
 * A good signature does not prove that we made a token: an app holds its HS256 secret. So `jti` carries our own mark, base64url(nonce ‖
 * HMAC-SHA-256(key, nonce ‖ all other claims)), under a key that never leaves the service. Changed or made-up claims have none.
 */
export function markedTokenId(key: Buffer, nonce: Buffer, claims: UnmarkedClaims): string {
  return Buffer.concat([nonce, macOf(key, nonce, claims)]).toString('base64url')
}

export const TOKEN_NONCE_BYTES = NONCE_BYTES

/** Whether we made a token with exactly these claims. */
export function isMarked(key: Buffer, { jti, ...claims }: AccessTokenClaims): boolean {
  if (!JTI.test(jti)) return false
  const bytes = Buffer.from(jti, 'base64url')
  return constantTimeEqual(macOf(key, bytes.subarray(0, NONCE_BYTES), claims), bytes.subarray(NONCE_BYTES))
}

function macOf(key: Buffer, nonce: Buffer, claims: UnmarkedClaims): Buffer {
  // The fields come in one order, whoever made the object; JSON keeps them apart.
  const text = JSON.stringify(pickClaims({ ...claims, jti: '' }))
  return hmacSha256(key, Buffer.concat([nonce, Buffer.from(text)])).subarray(0, MAC_BYTES)
}
