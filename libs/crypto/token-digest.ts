import { createHash } from 'node:crypto'
import { hmacSha256 } from './hmac.js'
import { lengthPrefixed } from './length-prefixed.js'

const MAX_CODE_DIGITS = 9

/** SHA-256 of an opaque token: the only form of it that is stored. Tokens have 256 bits, so no salt or slow hash is needed. */
export function digestToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

/**
 * A 256-bit token (43 base64url characters) that the holder of `key` can compute again from the same `parts`.
 * Mail needs that: every try of an outbox row must be byte-identical while only the token's digest is stored.
 */
export function deriveToken(key: Buffer, parts: readonly string[]): string {
  return hmacSha256(key, lengthPrefixed(['token', ...parts])).toString('base64url')
}

/**
 * A decimal code of `digits` (1 to 9) digits, made again from the same `parts` like `deriveToken`.
 * 64 bits modulo 10^digits: no code is likelier than another by more than one in 10^10.
 */
export function deriveCode(key: Buffer, parts: readonly string[], digits: number): string {
  if (!Number.isInteger(digits) || digits < 1 || digits > MAX_CODE_DIGITS) throw new RangeError(`digits must be 1 to ${MAX_CODE_DIGITS}`)
  const mac = hmacSha256(key, lengthPrefixed(['code', String(digits), ...parts]))
  return String(mac.readBigUInt64BE(0) % 10n ** BigInt(digits)).padStart(digits, '0')
}
