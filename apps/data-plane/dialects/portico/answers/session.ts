import type { IssuedSession } from '@portico/end-user/steps/token-issuer'
import type { PendingSignIn } from '@portico/end-user/steps/sign-in-result'
import { endUserAnswer } from './end-user.js'
import { offeredFactorAnswer } from './factor.js'

/** RFC 6749, 5.1, with the user beside it; `withRefreshToken` is off when the token travels in a cookie. */
export function sessionAnswer(issued: IssuedSession, withRefreshToken: boolean) {
  return {
    access_token: issued.accessToken,
    token: issued.accessToken,
    token_type: 'Bearer' as const,
    expires_in: issued.expiresInSeconds,
    expires_at: issued.expiresAt.toISOString(),
    ...(withRefreshToken && issued.refreshToken !== null ? { refresh_token: issued.refreshToken } : {}),
    user_id: issued.user.id,
    user: endUserAnswer(issued.user),
  }
}

/** Instead of a session: what second factor is missing, or must be set up first. */
export function pendingAnswer(pending: PendingSignIn) {
  const token = { mfa_token: pending.mfaToken, expires_in: pending.expiresInSeconds }
  if (pending.kind === 'enrol') return { mfa_enrolment_required: true as const, ...token }
  return { mfa_required: true as const, ...token, factors: pending.factors.map(offeredFactorAnswer) }
}
