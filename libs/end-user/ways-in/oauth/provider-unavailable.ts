import { AuthError } from '@portico/kernel/auth-error'
import { OAuthProblem } from '@portico/oauth/oauth-problem'

/** Before the browser has left: whatever keeps a provider from working is, for the caller, a part of the service that is away. */
export function providerUnavailable(error: unknown): unknown {
  return error instanceof OAuthProblem ? new AuthError('unavailable', { cause: error, retryAfterSeconds: 5 }) : error
}
