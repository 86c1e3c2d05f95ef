import type { Entropy } from '@portico/kernel/entropy'

// A mail must leave within 60 s of the provider's return (promise P3), so no wait of our own is longer than 40 s.
const FIRST_SECONDS = 1
const LONGEST_SECONDS = 40

/**
 * Seconds until the next try: doubling, spread over the upper half so that a crowd does not come back at once; the provider's wish counts
 * if later.
 */
export function retryDelaySeconds(attempt: number, retryAfterSeconds: number | undefined, entropy: Entropy): number {
  const step = Math.min(FIRST_SECONDS * 2 ** Math.min(attempt - 1, 16), LONGEST_SECONDS)
  const spread = step * (0.5 + entropy.integer(1_000) / 2_000)
  return Math.max(spread, retryAfterSeconds ?? 0)
}
