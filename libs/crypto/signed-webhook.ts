import { createHmac } from 'node:crypto'
import { constantTimeEqual } from './constant-time.js'

export interface SignedWebhook {
  id: string
  /** Seconds since 1970, as it was sent. */
  timestamp: string
  /** `v1,<base64>`, several with spaces between while a secret is rotated. */
  signatures: string
  /** The bytes that were signed. */
  body: string
}

/** Older or younger than this, a message is refused: who has recorded one cannot send it again later. */
const TOLERANCE_SECONDS = 300

/** Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, under the base64 behind `whsec_`. */
export function isSignedWebhook({ id, timestamp, signatures, body }: SignedWebhook, secret: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  // All are compared, whichever fits.
  const fits = signatures
    .slice(0, 1_000)
    .split(' ')
    .map((signature) => signature.startsWith('v1,') && constantTimeEqual(Buffer.from(signature.slice(3), 'base64'), expected))
  return fits.includes(true)
}
