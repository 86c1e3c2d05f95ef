import { AuthError } from '@portico/kernel/auth-error'
import { systemClock, type Clock } from '@portico/kernel/clock'
import { redisProblem } from '@portico/redis/redis-problem'
import { CoalescingStore } from './coalescing-store.js'
import type { Charge, ChargeResult, CounterStore } from './counter-store.js'
import { throwWhenRefused, type LimitResult } from './limit-result.js'
import { LocalCounterStore } from './local-counter-store.js'
import { PostgresCounterStore, type PostgresQuery } from './postgres-counter-store.js'
import { RedisCounterStore } from './redis-counter-store.js'

/** `points` uses per `windowSeconds`, counted from the first use. */
export interface Limit {
  /** Short and stable, for example `login_account`; part of the stored key. */
  name: string
  points: number
  windowSeconds: number
  /**
   * What happens while the shared counter is away. `local` (default): a bucket of this process with half the points, or its part of them.
   * `refuse`: `unavailable`, for guessable codes and second factors (P7).
   */
  whenStoreLost?: 'local' | 'refuse'
}

/** One charge: whose bucket, and what it costs (1 unless given). */
export interface LimitUse {
  limit: Limit
  /** An address, an account, …; hashed before it leaves the process. */
  subject: string
  cost?: number
}

export interface PostgresStore {
  kind: 'postgres'
  /** Runs a statement for several callers, so on the time of none of them. */
  query: PostgresQuery
  /** Around each caller's wait for it. */
  waiting?: <T>(work: () => Promise<T>) => Promise<T>
}

export interface RateLimitsOptions {
  store: { kind: 'redis'; url: string } | PostgresStore
  /** One-way digest of a subject: stores never see an address. */
  hashKey: (subject: string) => string
  clock?: Clock
  /** Called once when the shared store is lost and once when it is back. */
  onStoreChange?: (state: 'lost' | 'back', cause?: unknown) => void
  /** Processes that share a machine's load (1): while the store is away they share the points, too. */
  sharers?: number
  /** How long an answer of the store may take, in milliseconds (1,000). */
  storeTimeoutMs?: number
}

/** Why the shared store is down, in words for an operator: for readiness and the log. */
export const storeProblem = (error: unknown): string | null => redisProblem(error)

/** How long an answer of the store may take (promise P6). */
export const STORE_TIMEOUT_MS = 1_000

/** After a loss the store is left alone for this long, so that callers do not each wait for the time limit. */
const RETRY_AFTER_MS = 500

/**
 * Counters shared by all processes, in Redis or Postgres with the same behaviour.
 * `scope` is the id of a project, or a fixed word for limits outside projects; buckets of different scopes never meet.
 */
export class RateLimits {
  readonly #shared: CounterStore
  readonly #local = new LocalCounterStore()
  readonly #sharers: number
  readonly #hashKey: (subject: string) => string
  readonly #clock: Clock
  readonly #onStoreChange: (state: 'lost' | 'back', cause?: unknown) => void
  readonly #waiting: NonNullable<PostgresStore['waiting']>
  readonly #releasing = new Set<Promise<void>>()
  #lost = false
  #retryAt = 0

  constructor(options: RateLimitsOptions) {
    const timeoutMs = options.storeTimeoutMs ?? STORE_TIMEOUT_MS
    this.#shared = options.store.kind === 'redis'
      ? new RedisCounterStore(options.store.url, timeoutMs)
      : new CoalescingStore(new PostgresCounterStore(options.store.query), timeoutMs)
    this.#waiting = (options.store.kind === 'postgres' && options.store.waiting) || ((work) => work())
    this.#sharers = options.sharers ?? 1
    this.#hashKey = options.hashKey
    this.#clock = options.clock ?? systemClock
    this.#onStoreChange = options.onStoreChange ?? (() => undefined)
  }

  /** Waits for the first connection to Redis, a second at most; without it the first calls would meet the local buckets. */
  async ready(): Promise<void> {
    if (this.#shared instanceof RedisCounterStore) await this.#shared.settled()
  }

  /** For readiness reports: rejects when the store does not answer. */
  async ping(): Promise<void> {
    if (this.#shared instanceof RedisCounterStore) await this.#shared.ping()
  }

  /** Charges one bucket. */
  async consume(scope: string, limit: Limit, subject: string, cost = 1): Promise<LimitResult> {
    const [result] = await this.consumeAll(scope, [{ limit, subject, cost }])
    if (!result) throw new Error('no result for the limit')
    return result
  }

  /** Charges several buckets in one round trip, all of them even when one is full. Results come in the order of `uses`. */
  async consumeAll(scope: string, uses: readonly LimitUse[]): Promise<LimitResult[]> {
    const outcome = await this.consumeUnlessHeld(scope, uses, null)
    return 'results' in outcome ? outcome.results : []
  }

  /** Like `consumeAll`, and throws `rate_limited` with `Retry-After` and the `RateLimit-*` figures when a bucket is full. */
  async enforce(scope: string, uses: readonly LimitUse[]): Promise<LimitResult[]> {
    const results = await this.consumeAll(scope, uses)
    throwWhenRefused(results)
    return results
  }

  /** Charges nothing while the hold is on; otherwise like `consumeAll`. One round trip. */
  async consumeUnlessHeld(
    scope: string,
    uses: readonly LimitUse[],
    hold: { name: string; subject: string } | null,
  ): Promise<{ heldSeconds: number } | { results: LimitResult[] }> {
    if (uses.length === 0) return { results: [] }
    const now = this.#now()
    const charges = uses.map((use) => this.#charge(scope, use))
    const holdKey = hold === null ? null : this.#key(scope, hold.name, hold.subject)
    const shared = await this.#waiting(() => this.#tryShared((store) => store.charge(charges, holdKey, now)))
    if (!shared && uses.some((use) => use.limit.whenStoreLost === 'refuse')) throw new AuthError('unavailable')
    const outcome: ChargeResult = shared ?? (await this.#local.charge(charges, holdKey, now))
    // Counted from the answer: the store may have charged a moment after the call, together with others.
    const answered = this.#now()
    if ('heldUntil' in outcome) return { heldSeconds: wholeSeconds(outcome.heldUntil - answered) }
    return {
      results: uses.map((use, i) => {
        const limit = shared ? use.limit.points : Math.max(1, Math.floor(use.limit.points / (2 * this.#sharers)))
        const bucket = outcome.buckets[i]
        const used = bucket?.count ?? 0
        return {
          allowed: used <= limit,
          limit,
          remaining: Math.max(limit - used, 0),
          resetSeconds: wholeSeconds((bucket?.expiresAt ?? answered) - answered),
          used,
        }
      }),
    }
  }

  /** Refuses every `consumeUnlessHeld` with this hold for `seconds`. */
  async hold(scope: string, name: string, subject: string, seconds: number): Promise<void> {
    const now = this.#now()
    const key = this.#key(scope, name, subject)
    const until = now + seconds * 1000
    const shared = await this.#waiting(() => this.#tryShared((store) => store.hold(key, until, now).then(() => true)))
    if (!shared) await this.#local.hold(key, until)
  }

  /** Marks one place of a sketch; how many are marked, or `null` while the shared store is away. */
  async mark(scope: string, sketch: Pick<Limit, 'name' | 'windowSeconds'>, subject: string, place: number): Promise<number | null> {
    const [key, windowMs] = [this.#key(scope, sketch.name, subject), sketch.windowSeconds * 1000]
    const bits = await this.#waiting(() => this.#tryShared((store) => store.mark(key, place, windowMs, this.#now())))
    return bits && bits.toString(2).replaceAll('0', '').length
  }

  /** Charges a bucket without asking whether it is full. */
  async penalty(scope: string, limit: Limit, subject: string, cost = 1): Promise<void> {
    await this.consumeAll(scope, [{ limit, subject, cost }])
  }

  /** Empties a bucket, for example that of an account after a right password. */
  async reset(scope: string, limit: Pick<Limit, 'name'>, subject: string): Promise<void> {
    await this.release(scope, { drop: [{ name: limit.name, subject }] })
  }

  /** Empties the buckets and holds of `drop` and gives one point back to those of `refund`, in one round trip. */
  async release(
    scope: string,
    what: { drop?: readonly { name: string; subject: string }[]; refund?: readonly { name: string; subject: string }[] },
  ): Promise<void> {
    const now = this.#now()
    const drop = (what.drop ?? []).map((item) => this.#key(scope, item.name, item.subject))
    const refund = (what.refund ?? []).map((item) => this.#key(scope, item.name, item.subject))
    // Both at once: a charge that follows in the same turn of the event loop must come behind it.
    await Promise.all([
      this.#local.release(drop, refund, now),
      this.#tryShared((store) => store.release(drop, refund, now).then(() => true)),
    ])
  }

  /**
   * Like `release`, for callers who need not wait for it. Never rejects; `close` waits for it. What gets lost leaves a limit stricter,
   * never wider.
   */
  releaseLater(...args: Parameters<RateLimits['release']>): void {
    const releasing = this.release(...args).finally(() => this.#releasing.delete(releasing))
    this.#releasing.add(releasing)
  }

  async close(): Promise<void> {
    await Promise.all(this.#releasing)
    if (this.#shared instanceof RedisCounterStore) this.#shared.close()
  }

  /** The answer of the shared store, or `null` when it is lost. */
  async #tryShared<T>(ask: (store: CounterStore) => Promise<T>): Promise<T | null> {
    // Real time, not the product's clock: this is about a network, and a test that moves the clock must not reach it.
    if (this.#lost && performance.now() < this.#retryAt) return null
    if (this.#lost) this.#retryAt = performance.now() + RETRY_AFTER_MS
    try {
      const answer = await ask(this.#shared)
      if (this.#lost) {
        this.#lost = false
        this.#local.clear()
        this.#onStoreChange('back')
      }
      return answer
    } catch (error) {
      this.#retryAt = performance.now() + RETRY_AFTER_MS
      if (!this.#lost) {
        this.#lost = true
        this.#onStoreChange('lost', error)
      }
      return null
    }
  }

  #now(): number {
    return this.#clock.now().getTime()
  }

  #charge(scope: string, use: LimitUse): Charge {
    return { key: this.#key(scope, use.limit.name, use.subject), cost: use.cost ?? 1, windowMs: use.limit.windowSeconds * 1000 }
  }

  // The braces keep all buckets of a scope in one slot of a Redis cluster, where a script may touch only one.
  #key(scope: string, name: string, subject: string): string {
    return `{${scope}}:${name}:${this.#hashKey(subject)}`
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
