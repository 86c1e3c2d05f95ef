import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { LocalCounterStore } from '@portico/rate-limit/local-counter-store'

/** Requests of one directory a minute and process: three first syncs of ten thousand people, a bound on a client that runs wild. */
const POINTS = 30_000
const WINDOW_MS = 60_000

/** Counted in the process: a shared counter would cost every request of a sync a trip. */
export class DirectoryThrottle {
  readonly #counters = new LocalCounterStore()

  constructor(private readonly clock: Clock) {}

  async charge(directoryId: string): Promise<void> {
    const now = this.clock.now().getTime()
    const outcome = await this.#counters.charge([{ key: directoryId, cost: 1, windowMs: WINDOW_MS }], null, now)
    const bucket = 'buckets' in outcome ? outcome.buckets[0] : undefined
    if (!bucket || bucket.count <= POINTS) return
    const resetSeconds = Math.max(1, Math.ceil((bucket.expiresAt - now) / 1000))
    throw new AuthError('rate_limited', { retryAfterSeconds: resetSeconds, rateLimit: { limit: POINTS, remaining: 0, resetSeconds } })
  }
}
