import { hmacSha256, verifyHmacSha256 } from '@portico/crypto/hmac'

/** Which session a refresh token belongs to, and which one of that session's tokens it is. */
export interface RefreshToken {
  /** UUID, lower case. */
  sessionId: string
  /** 0 for the token of the login; every rotation adds one. */
  generation: number
}

const ID_BYTES = 16
const GENERATION_BYTES = 4
const BODY_BYTES = ID_BYTES + GENERATION_BYTES
const TOKEN = /^[A-Za-z0-9_-]{70}$/
/** What the column holds. */
const MAX_GENERATION = 0x7fff_fffe

/**
 * base64url(session id ‖ generation ‖ HMAC-SHA-256(key, both)): 70 characters. Nothing of it is stored, and the holder of the project's
 * key computes the same one, which is why every caller of a race gets the same child.
 */
export function computeRefreshToken(key: Buffer, { sessionId, generation }: RefreshToken): string {
  const body = Buffer.alloc(BODY_BYTES)
  body.write(sessionId.replaceAll('-', ''), 'hex')
  body.writeUInt32BE(generation, ID_BYTES)
  return Buffer.concat([body, hmacSha256(key, body)]).toString('base64url')
}

/** What a token says that was computed with this key; `null` for anything else, without a look at the database. */
export function readRefreshToken(key: Buffer, token: string): RefreshToken | null {
  if (!TOKEN.test(token)) return null
  const bytes = Buffer.from(token, 'base64url')
  const body = bytes.subarray(0, BODY_BYTES)
  // The last character has two bits to spare, which the decoder ignores: one token has one spelling.
  if (!verifyHmacSha256(key, body, bytes.subarray(BODY_BYTES)) || bytes.toString('base64url') !== token) return null
  const generation = body.readUInt32BE(ID_BYTES)
  if (generation > MAX_GENERATION) return null
  const hex = body.toString('hex', 0, ID_BYTES)
  const sessionId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  return { sessionId, generation }
}
