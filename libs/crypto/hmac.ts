import { createHmac, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA-256, 32 bytes. A key given as text is used as its UTF-8 bytes, never decoded. */
export function hmacSha256(key: string | Buffer, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** Whether `mac` is the HMAC-SHA-256 of `data`, compared in constant time. A MAC of another length is wrong, never an error. */
export function verifyHmacSha256(key: string | Buffer, data: string | Buffer, mac: Buffer): boolean {
  const expected = hmacSha256(key, data)
  return mac.length === expected.length && timingSafeEqual(expected, mac)
}
