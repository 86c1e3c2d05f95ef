import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { RequestBudget } from './request-budget.js'

/**
 * What a request may wait for PostgreSQL, for connections and answers together: promise P6 says two seconds. Reading the request, its hash
 * and writing the refusal take the rest, and what it stood behind others' question for its counters before anything was known to be slow
 * (0.4 s in a failover with Patroni).
 */
export const REQUEST_LIMIT_MS = 1_500
/** Of it, what may be waited for something that can be had elsewhere: a copy of the database. */
const COPY_LIMIT_MS = 1_000
/** With less than that left nothing is asked: what is sent and not waited for may happen all the same. */
const TOO_LITTLE_MS = 25
/** What whoever looks whether the server is there waits at the most, and whether it is back: that is to be seen soon. */
const PROBE_MS = { there: 1_000, away: 800 }
/** A wait that ended so much later than it should: this process was not listening, whatever the server did. */
const STALLED_MS = 200
/** Left to each wait of those that carry no budget, at the least. */
const AT_LEAST_MS = 250
/** A wait of that length makes the process carry a budget with each request from here on, until it has been calm for a while. */
const SLOW_MS = 100
const CALM_MS = 2_000
/** A request of before may have waited that long for its turn at a hash; who comes later without a budget is no request. */
const OLDEST_MS = 7_000

const TOO_LONG = 'timeout: the request has waited for the database long enough'

/** Of work that several requests share: it has the whole time, always. */
const NOBODYS = new RequestBudget(REQUEST_LIMIT_MS, () => true)

/** Nothing was asked: the server was away a moment ago, or the request has no time left. */
export class NotAskedError extends Error {
  readonly code: string | undefined

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'NotAskedError'
    const code = (cause as { code?: unknown } | undefined)?.code
    this.code = typeof code === 'string' ? code : undefined
  }
}

/** The connection could not be made, or no answer came. Not what the server says of a statement, or that it is full. */
function isLoss(error: unknown): boolean {
  if (error instanceof NotAskedError || !(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return /^(E[A-Z]+|57P0[123]|08...)$/.test(code)
  return /timeout|timed out|terminated/i.test(error.message)
}

const isSilence = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof pg.DatabaseError) && /timeout|timed out/i.test(error.message)

/**
 * What one process sees of one PostgreSQL, shared by its pools: whether it is away, and what each request has waited for it.
 *
 * - It is away once a connection could not be made, or an answer did not come, and nothing else was answered meanwhile. Then nobody is kept
 *   waiting: all are refused at once until the probe (the change feed, which asks four times a second anyway) is answered.
 * - Each request has one budget for all that it waits. It travels by AsyncLocalStorage, which costs every promise of the process (before
 *   Node 24 a sixth of a `/verify`), so requests carry one only while answers are slow. Those that were in work when that began are held to
 *   the moment since which nothing was answered.
 */
export class ServerWatch {
  readonly #carried: { budgets: AsyncLocalStorage<RequestBudget | undefined>; inUse: boolean }
  readonly #mostMs: number
  #waits = 0
  /** Since then nothing was answered; `null`: nobody waits. */
  #since: number | null = null
  #endedAt = -Infinity
  #slowAt = -Infinity
  /** The longest of the waits of late that got no answer, and when the first of the slow ones ended. */
  #slowMs = 0
  #slowSince = -Infinity
  #answeredAt = -Infinity
  #lostAt = -Infinity
  #away: { cause: unknown } | null = null
  #probed = false

  constructor(
    private readonly clock: { now(): number } = performance,
    /** Of the database, where this is of a copy of it: what a request waits for either is on one budget. */
    primary?: ServerWatch,
  ) {
    this.#carried = primary ? primary.#carried : { budgets: new AsyncLocalStorage(), inUse: false }
    this.#mostMs = primary ? COPY_LIMIT_MS : REQUEST_LIMIT_MS
  }

  /** For a copy of this server. */
  ofCopy(): ServerWatch {
    return new ServerWatch(this.clock, this)
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.clock.now()
  }

  /** From here on somebody asks regularly whether the server is there; without that nobody would find it back, and it is never away. */
  willProbe(): void {
    this.#probed = true
  }

  /** Refused at once, without a try. */
  get isAway(): boolean {
    return this.#away !== null
  }

  /** For what would be in vain then, as a hash of a password. */
  requireThere(): void {
    if (this.#away !== null) throw this.#refusal(this.#away.cause)
  }

  /** When the server was lost last: connections of before that have not answered since are worth nothing. */
  get lostAt(): number {
    return this.#lostAt
  }

  /**
   * The budget of a request that begins now; `null` while all is well. `begunBefore`: it has asked already, without one, and what it
   * may have waited is taken off.
   */
  open(isAnswered: () => boolean, begunBefore: boolean): RequestBudget | null {
    const now = this.now()
    if (this.#isSlow(now)) {
      const waitedMs = begunBefore ? REQUEST_LIMIT_MS - this.#leftOfOutage(now) : 0
      return new RequestBudget(REQUEST_LIMIT_MS, isAnswered, waitedMs)
    }
    if (this.#carried.inUse && now - this.#slowAt > 5 * CALM_MS) {
      this.#carried.budgets.disable()
      this.#carried.inUse = false
    }
    return null
  }

  /** Runs `work`, and what it leads to, on the budget. */
  within(budget: RequestBudget, work: () => void): void {
    this.#carried.inUse = true
    this.#carried.budgets.run(budget, work)
  }

  /** For work that several requests share: it is nobody's in particular. Each of them waits for it on its own budget: `waiting`. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return this.#carried.inUse ? this.#carried.budgets.run(NOBODYS, work) : work()
  }

  /** A wait for shared work, for no longer than the request has left. */
  waiting<T>(work: () => Promise<T>): Promise<T> {
    const budget = this.#budget()
    return budget === undefined ? work() : this.#waitOn(budget, work)
  }

  /** How long to wait, in milliseconds, before a connection is taken or a statement sent. Throws when it is not worth it. */
  limitMs(now: number, { probe, connecting }: { probe: boolean; connecting: boolean }): number {
    if (probe) return this.#probed ? PROBE_MS[this.#away === null ? 'there' : 'away'] : REQUEST_LIMIT_MS
    this.requireThere()
    const budget = this.#budget()
    const left = budget === undefined ? this.#leftOfOutage(now) : budget.leftMs(now)
    if (left < TOO_LITTLE_MS) throw new NotAskedError(TOO_LONG)
    // A connection that is free is had at once.
    const most = budget !== undefined && connecting ? Math.max(budget.leftForConnectionMs(now), TOO_LITTLE_MS) : left
    return Math.min(left, most, this.#mostMs)
  }

  /** A wait begins; `end` is handed what is returned. */
  begin(now: number): RequestBudget | undefined {
    if (this.#since === null || (this.#waits === 0 && now - this.#endedAt > CALM_MS)) this.#since = now
    this.#waits += 1
    const budget = this.#budget()
    budget?.begin(now)
    return budget
  }

  /** A wait ends, now; that is answered. `answered`: by the server, with whatever. */
  end(budget: RequestBudget | undefined, begunAt: number, answered: boolean): number {
    const now = this.now()
    budget?.end(now, answered)
    this.#waits -= 1
    this.#endedAt = now
    if (now - begunAt > SLOW_MS) this.wasSlow(answered ? 0 : now - begunAt)
    if (!answered) return now
    this.#answeredAt = now
    this.#away = null
    this.#since = this.#waits > 0 ? now : null
    return now
  }

  /** Somebody has waited that long for this server without an answer, and goes on. */
  wasSlow(unansweredMs: number): void {
    const now = this.now()
    if (now - this.#slowAt > CALM_MS) {
      this.#slowMs = 0
      this.#slowSince = now
    }
    this.#slowMs = Math.max(this.#slowMs, unansweredMs)
    this.#slowAt = now
  }

  /** What came of a wait of `limit` was an error. A connection that was cut says little: the next one may be made. */
  failed({ begunAt, limit, connecting }: { begunAt: number; limit: number; connecting: boolean }, error: unknown): void {
    if (!this.#probed || this.#answeredAt >= begunAt || !(connecting ? isLoss(error) : isSilence(error))) return
    const now = this.now()
    if (isSilence(error) && now - begunAt > limit + STALLED_MS) return
    if (this.#away === null) this.#lostAt = now
    this.#away = { cause: error }
  }

  async #waitOn<T>(budget: RequestBudget, work: () => Promise<T>): Promise<T> {
    const now = this.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new NotAskedError(TOO_LONG)), Math.max(budget.leftMs(now), 0))
    })
    budget.begin(now)
    try {
      return await Promise.race([work(), late])
    } finally {
      clearTimeout(timer)
      budget.end(this.now(), false)
    }
  }

  #budget(): RequestBudget | undefined {
    return this.#carried.inUse ? this.#carried.budgets.getStore() : undefined
  }

  #isSlow(now: number): boolean {
    if (now - this.#slowAt < CALM_MS || this.#away !== null) return true
    return this.#since !== null && this.#waits > 0 && now - this.#since > SLOW_MS
  }

  /** Without a budget: in work since before it became slow, or no request at all. */
  #leftOfOutage(now: number): number {
    const isOutage = this.#since !== null && (this.#waits > 0 || now - this.#endedAt <= CALM_MS)
    // While answers are quick this is the limit that connections have anyway, and costs neither timers nor copies of statements.
    const elapsed = isOutage && now - this.#since! > SLOW_MS ? now - this.#since! : 0
    // Others may be answered quickly all the while, on connections that live on. The slow wait may have been this one's.
    const waited = now - this.#slowAt <= CALM_MS && now - this.#slowSince <= OLDEST_MS ? this.#slowMs : 0
    return Math.max(REQUEST_LIMIT_MS - Math.max(elapsed > OLDEST_MS ? 0 : elapsed, waited), AT_LEAST_MS)
  }

  #refusal(cause: unknown): NotAskedError {
    return new NotAskedError('not asked: the database refused or timed out a moment ago', cause)
  }
}
