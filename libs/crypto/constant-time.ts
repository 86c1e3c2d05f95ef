import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether two secrets are equal, without telling by its duration where they differ or whether only the length does:
 * both are hashed first, so that the comparison is always over 32 bytes. Text is compared as UTF-8.
 */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
