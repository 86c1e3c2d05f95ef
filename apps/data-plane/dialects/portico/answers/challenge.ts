import type { AskedFactor } from '@portico/end-user/factors/challenge-session'
import { offeredFactorAnswer } from './factor.js'

/** Whether a second factor is missing, and what may be offered. */
export function challengeAnswer({ missing, acr, provenAt, factors, options }: AskedFactor) {
  return {
    mfa_required: missing,
    acr,
    factor_verified_at: provenAt?.toISOString() ?? null,
    factors: factors.map(offeredFactorAnswer),
    ...(options ? { options } : {}),
  }
}
