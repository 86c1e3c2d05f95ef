import type { BatchCounterStore, Charge, ChargeCall, ChargeResult, CounterStore } from './counter-store.js'
import { withTimeLimit } from './time-limit.js'

/** Callers in one statement. */
const MAX_BATCH = 256

interface Release {
  drop: readonly string[]
  refund: readonly string[]
}

interface Hold {
  key: string
  until: number
}

interface Waiting<C, T> {
  call: C
  now: number
  queuedAt: number
  resolve: (answer: T) => void
  reject: (error: unknown) => void
}

/**
 * One statement at a time: what is asked for meanwhile waits and goes together in the next. A call that finds nothing in work goes at once.
 * Every caller gets what he would have got had they come one after another. It also keeps a storm on one bucket to one connection and one
 * lock on its row, and so away from all other callers.
 *
 * A statement that fails or is late fails its callers and those who wait behind it: no caller waits longer than the time limit.
 */
export class CoalescingStore implements CounterStore {
  readonly #store: BatchCounterStore
  readonly #timeLimitMs: number
  readonly #charges: Waiting<ChargeCall, ChargeResult>[] = []
  readonly #releases: Waiting<Release, void>[] = []
  readonly #holds: Waiting<Hold, void>[] = []
  #busy = false

  constructor(store: BatchCounterStore, timeLimitMs: number) {
    this.#store = store
    this.#timeLimitMs = timeLimitMs
  }

  charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult> {
    return this.#wait(this.#charges, { charges, holdKey }, now)
  }

  /** By itself: a process marks the same place once. */
  mark(key: string, place: number, windowMs: number, now: number): Promise<number> {
    return withTimeLimit(this.#store.mark(key, place, windowMs, now), this.#timeLimitMs)
  }

  hold(key: string, until: number, now: number): Promise<void> {
    return this.#wait(this.#holds, { key, until }, now)
  }

  release(drop: readonly string[], refund: readonly string[], now: number): Promise<void> {
    return this.#wait(this.#releases, { drop, refund }, now)
  }

  #wait<C, T>(queue: Waiting<C, T>[], call: C, now: number): Promise<T> {
    return new Promise((resolve, reject) => {
      queue.push({ call, now, queuedAt: performance.now(), resolve, reject })
      if (!this.#busy) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#busy = true
    // What gives back and what holds goes first: a second login right after a right password finds the bucket empty.
    while (this.#releases.length + this.#holds.length + this.#charges.length > 0) {
      if (this.#releases.length > 0) await this.#send(this.#releases, MAX_BATCH, (calls, now) => this.#release(calls, now))
      else if (this.#holds.length > 0) await this.#send(this.#holds, 1, (calls, now) => this.#hold(calls, now))
      else await this.#send(this.#charges, MAX_BATCH, (calls, now) => this.#store.chargeAll(calls, now))
    }
    this.#busy = false
  }

  async #send<C, T>(queue: Waiting<C, T>[], most: number, ask: (calls: C[], now: number) => Promise<readonly T[]>): Promise<void> {
    const batch = queue.splice(0, most)
    const now = batch.reduce((latest, waiting) => Math.max(latest, waiting.now), 0)
    const endsAt = (batch[0]?.queuedAt ?? 0) + this.#timeLimitMs
    try {
      const answers = await withTimeLimit(ask(batch.map(({ call }) => call), now), Math.max(1, endsAt - performance.now()))
      for (const [i, waiting] of batch.entries()) waiting.resolve(answers[i] as T)
    } catch (error) {
      for (const { reject } of [...batch, ...this.#releases.splice(0), ...this.#holds.splice(0), ...this.#charges.splice(0)]) reject(error)
    }
  }

  async #release(calls: Release[], now: number): Promise<void[]> {
    const drop = new Set(calls.flatMap((call) => call.drop))
    const refund = new Map<string, number>()
    for (const call of calls) for (const key of call.refund) if (!drop.has(key)) refund.set(key, (refund.get(key) ?? 0) + 1)
    await this.#store.releaseAll(drop, refund, now)
    return []
  }

  async #hold(calls: Hold[], now: number): Promise<void[]> {
    for (const { key, until } of calls) await this.#store.hold(key, until, now)
    return []
  }
}
