import { AuthError } from '@portico/kernel/auth-error'

export interface LimitResult {
  allowed: boolean
  limit: number
  remaining: number
  /** Whole seconds until the bucket is empty again, at least 1. */
  resetSeconds: number
  /** Points charged to the bucket so far, this use included. */
  used: number
}

/** Throws `rate_limited` for the refused bucket that takes longest to empty. */
export function throwWhenRefused(results: readonly LimitResult[]): void {
  let worst: LimitResult | undefined
  for (const result of results) {
    if (!result.allowed && (!worst || result.resetSeconds > worst.resetSeconds)) worst = result
  }
  if (!worst) return
  throw new AuthError('rate_limited', {
    retryAfterSeconds: worst.resetSeconds,
    rateLimit: { limit: worst.limit, remaining: worst.remaining, resetSeconds: worst.resetSeconds },
  })
}
