import { backoffMs, pause } from './backoff.js'
import type { Connection } from './connection.js'
import { isPorticoAuthError } from './portico-auth-error.js'
import type { SessionAnswer } from './session.js'
import { mayPass } from './session-change.js'

const QUICK_TRIES = 3
// All quick tries begin within 20 s (two waits of 2 s between them): inside the grace time of the server, which is 30 s unless a project
// changed it. Later ones are allowed too, as long as the lost answer was not used and the user agent is the same.
const REFRESH_TIMEOUT_MS = 8_000

/** How long the server asked to wait. */
export const askedMs = (error: unknown): number => (isPorticoAuthError(error) ? (error.retryAfterSeconds ?? 0) : 0) * 1_000

/** The next tokens, tried a few times; with the cookie where there is no refresh token. */
export async function requestRefresh(connection: Connection, refreshToken: string | null | undefined): Promise<SessionAnswer> {
  const body = refreshToken ? { refreshToken } : {}
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection.send<SessionAnswer>({ method: 'POST', path: '/refresh', body, timeoutMs: REFRESH_TIMEOUT_MS })
    } catch (error) {
      const asked = askedMs(error)
      // A long wait is for the timer, not for a caller who waits for this answer.
      if (attempt >= QUICK_TRIES || asked > 2_000 || !mayPass(error)) throw error
      await pause(Math.max(backoffMs(attempt - 1, 2_000), asked))
    }
  }
}
