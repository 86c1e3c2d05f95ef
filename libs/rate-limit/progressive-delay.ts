import { AuthError } from '@portico/kernel/auth-error'
import { throwWhenRefused, type Limit, type RateLimits } from './rate-limiter.js'

export interface LoginLimits {
  account: Limit
  address: Limit
}

/** Contract, section 3: 10 per account and 20 per client address in 15 minutes. */
export const DEFAULT_LOGIN_LIMITS: LoginLimits = {
  account: { name: 'login_account', points: 10, windowSeconds: 900 },
  address: { name: 'login_address', points: 20, windowSeconds: 900 },
}

/** One admitted attempt: hand it back to `failed` or `succeeded`. */
export interface LoginAttempt {
  readonly scope: string
  readonly account: string
  readonly address: string
  readonly limits: LoginLimits
  /** Attempts on the account in this window, this one included. */
  readonly number: number
}

const HOLD = 'login_hold'
const MAX_DELAY_SECONDS = 300

/**
 * Password guessing gets slower and then stops: from half of the account's points on, every failure makes the next
 * attempt wait 1, 2, 4, 8 … seconds (answered as 429, never slept through here), and a full bucket refuses until it empties.
 * An attempt that is refused because of the wait costs nothing, so an impatient owner is not locked out by clicking.
 */
export class LoginThrottle {
  readonly #limits: RateLimits

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** Admits an attempt or throws `rate_limited`. One round trip; call it before the password is looked at. */
  async admit(scope: string, who: { account: string; address: string }, limits: LoginLimits = DEFAULT_LOGIN_LIMITS): Promise<LoginAttempt> {
    const outcome = await this.#limits.consumeUnlessHeld(
      scope,
      [
        { limit: limits.account, subject: who.account },
        { limit: limits.address, subject: who.address },
      ],
      { name: HOLD, subject: who.account },
    )
    if ('heldSeconds' in outcome) {
      throw new AuthError('rate_limited', {
        retryAfterSeconds: outcome.heldSeconds,
        rateLimit: { limit: limits.account.points, remaining: 0, resetSeconds: outcome.heldSeconds },
      })
    }
    throwWhenRefused(outcome.results)
    return { scope, ...who, limits, number: outcome.results[0]?.used ?? 1 }
  }

  /** A wrong password. Costs a round trip only once the delay has begun. */
  async failed(attempt: LoginAttempt): Promise<void> {
    const free = Math.max(1, Math.floor(attempt.limits.account.points / 2))
    if (attempt.number < free) return
    const seconds = Math.min(2 ** Math.min(attempt.number - free, 20), MAX_DELAY_SECONDS)
    await this.#limits.hold(attempt.scope, HOLD, attempt.account, seconds)
  }

  /**
   * A right password: the account starts afresh and the address gets this one attempt back. Only its own attempt, so that
   * someone with an account of his own cannot wash away guesses against others. Not awaited.
   */
  succeeded(attempt: LoginAttempt): void {
    this.#limits.releaseLater(attempt.scope, {
      drop: [
        { name: attempt.limits.account.name, subject: attempt.account },
        { name: HOLD, subject: attempt.account },
      ],
      refund: [{ name: attempt.limits.address.name, subject: attempt.address }],
    })
  }
}
