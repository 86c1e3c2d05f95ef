import { AuthError } from '@portico/kernel/auth-error'
import { throwWhenRefused } from './limit-result.js'
import type { Limit, LimitUse, RateLimits } from './rate-limiter.js'

export interface LoginLimits {
  account: Limit
  address: Limit
}

/** Contract, section 3: 10 per account and 20 per client address in 15 minutes. */
export const DEFAULT_LOGIN_LIMITS: LoginLimits = {
  account: { name: 'login_account', points: 10, windowSeconds: 900 },
  address: { name: 'login_address', points: 20, windowSeconds: 900 },
}

/** What an attempt is charged to. */
export interface LoginBuckets {
  /** Gets slower and then full. */
  guesses: LimitUse
  /** Shared with attempts on other accounts. */
  client: LimitUse | null
}

/** One admitted attempt: hand it back to `failed` or `succeeded`. */
export interface LoginAttempt {
  readonly scope: string
  readonly buckets: LoginBuckets
  /** Attempts on the account in this window, this one included. */
  readonly number: number
}

const MAX_DELAY_SECONDS = 300

/**
 * Password guessing gets slower and then stops: from half of the points on, every failure makes the next attempt wait 1, 2, 4, 8 … seconds
 * (answered as 429, never slept through here), and a full bucket refuses until it empties.
 * An attempt that is refused because of the wait costs nothing, so an impatient owner is not locked out by clicking.
 */
export class LoginThrottle {
  readonly #limits: RateLimits

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** Guesses at one account from one client address. Like `admitTo`. */
  admit(scope: string, who: { account: string; address: string }, limits: LoginLimits = DEFAULT_LOGIN_LIMITS): Promise<LoginAttempt> {
    return this.admitTo(scope, {
      guesses: { limit: limits.account, subject: who.account },
      client: { limit: limits.address, subject: who.address },
    })
  }

  /** Admits an attempt or throws `rate_limited`. One round trip; call it before the password is looked at. */
  async admitTo(scope: string, buckets: LoginBuckets): Promise<LoginAttempt> {
    const { guesses, client } = buckets
    const outcome = await this.#limits.consumeUnlessHeld(scope, client ? [guesses, client] : [guesses], holdOf(guesses))
    if ('heldSeconds' in outcome) {
      throw new AuthError('rate_limited', {
        retryAfterSeconds: outcome.heldSeconds,
        rateLimit: { limit: guesses.limit.points, remaining: 0, resetSeconds: outcome.heldSeconds },
      })
    }
    throwWhenRefused(outcome.results)
    return { scope, buckets, number: outcome.results[0]?.used ?? 1 }
  }

  /** A wrong password. Costs a round trip only once the delay has begun. */
  async failed({ scope, buckets: { guesses }, number }: LoginAttempt): Promise<void> {
    const free = Math.max(1, Math.floor(guesses.limit.points / 2))
    if (number < free) return
    const seconds = Math.min(2 ** Math.min(number - free, 20), MAX_DELAY_SECONDS)
    const hold = holdOf(guesses)
    await this.#limits.hold(scope, hold.name, hold.subject, seconds)
  }

  /**
   * A right password: the account starts afresh and the address gets this one attempt back. Only its own attempt, so that
   * someone with an account of his own cannot wash away guesses against others. Not awaited.
   */
  succeeded({ scope, buckets: { guesses, client } }: LoginAttempt): void {
    this.#limits.releaseLater(scope, {
      drop: [{ name: guesses.limit.name, subject: guesses.subject }, holdOf(guesses)],
      refund: client ? [{ name: client.limit.name, subject: client.subject }] : [],
    })
  }
}

function holdOf({ limit, subject }: LimitUse): { name: string; subject: string } {
  return { name: `${limit.name}_hold`, subject }
}
