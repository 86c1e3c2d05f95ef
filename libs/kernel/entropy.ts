import { randomBytes, randomInt, randomUUID } from 'node:crypto'

/** The product's only source of randomness: injected, so that tests can fix it. */
export interface Entropy {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer
  /** A version 4 UUID (RFC 9562, 5.4). */
  uuid(): string
  /** An unbiased integer in `[0, below)`. */
  integer(below: number): number
}

export const systemEntropy: Entropy = {
  bytes: (length) => randomBytes(length),
  uuid: () => randomUUID(),
  integer: (below) => randomInt(below),
}

/** Opaque 256-bit token, base64url without padding (43 characters). */
export function opaqueToken(entropy: Entropy): string {
  return entropy.bytes(32).toString('base64url')
}
