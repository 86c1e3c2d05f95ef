import { createHash } from 'node:crypto'

/** What something is named by that is to be cached for ever: 128 bits of SHA-256, as hex. */
export function contentDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
