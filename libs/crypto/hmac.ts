import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'

export type MacKey = KeyObject

/** A key given as text is used as its UTF-8 bytes, never decoded. */
type HmacKey = string | Buffer | MacKey

/** A key that is used often, made ready once. Its bytes are the UTF-8 of the text. */
export function macKey(text: string): MacKey {
  return createSecretKey(text, 'utf8')
}

/** HMAC-SHA-256, 32 bytes. */
export function hmacSha256(key: HmacKey, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** The same as base64url, 43 characters. */
export function hmacSha256Text(key: HmacKey, data: string): string {
  return createHmac('sha256', key).update(data).digest('base64url')
}

/** Whether `mac` is the HMAC-SHA-256 of `data`, compared in constant time. A MAC of another length is wrong, never an error. */
export function verifyHmacSha256(key: HmacKey, data: string | Buffer, mac: Buffer): boolean {
  const expected = hmacSha256(key, data)
  return mac.length === expected.length && timingSafeEqual(expected, mac)
}

/**
 * Whether two MACs of one known length are equal, in constant time; as text, so that one MAC has one spelling. Unlike
 * `constantTimeEqual` it may tell the length, which is no secret of a MAC, and saves two hashes.
 */
export function macTextsEqual(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false
  const bytes = Buffer.from(given)
  // Other characters than a MAC's may take more than one byte.
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected), bytes)
}
