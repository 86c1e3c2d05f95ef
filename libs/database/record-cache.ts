import { AuthError } from '@portico/kernel/auth-error'

interface Slot<T> {
  value: Promise<T>
  /** The value once it is there. */
  settled: T | undefined
  readAt: number
  /** Counts until then, whatever its age. */
  heldUntil: number
}

export interface RecordCacheOptions {
  maxSize: number
  maxAgeMs: number
  maxStaleMs: number
  monotonicMs: () => number
  /** Of the last moment by which every change before it had arrived. */
  heardAt: () => number
}

const MAX_ABSENT = 1_000
const HOLD_MS = 1_000
/** However well changes are heard: a change that somebody forgot to note is hidden no longer. */
const MAX_HEARD_AGE_MS = 600_000

/**
 * Bounded, aged, single-flight cache. Dropping a key while its load is in flight makes the next reader load again.
 * Keys that named nothing (`null`) move to a small room of their own, so that made-up ones cannot push real entries out.
 */
export class RecordCache<T> {
  readonly #slots = new Map<string, Slot<T>>()
  readonly #absent = new Map<string, Slot<T>>()
  readonly #renewals = new Map<string, { value: Promise<T>; next: Promise<T> | null }>()

  constructor(private readonly options: RecordCacheOptions) {}

  #young({ readAt, heldUntil }: Slot<T>): boolean {
    const { monotonicMs, maxAgeMs } = this.options
    const now = monotonicMs()
    if (now < heldUntil) return true
    return this.#silence(readAt) < maxAgeMs && now - readAt < Math.max(maxAgeMs, MAX_HEARD_AGE_MS)
  }

  /** For how long nothing has vouched for what was read then. */
  #silence(readAt: number): number {
    return this.options.monotonicMs() - Math.max(readAt, this.options.heardAt())
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const absent = this.#absent.get(key)
    if (absent && this.#young(absent)) return absent.value
    const found = this.#slots.get(key)
    if (found && this.#young(found)) {
      this.#slots.delete(key)
      this.#slots.set(key, found)
      return found.value
    }
    const slot: Slot<T> = {
      value: this.#loadOrKeep(key, load, found),
      settled: undefined,
      readAt: this.options.monotonicMs(),
      heldUntil: -Infinity,
    }
    this.#absent.delete(key)
    this.#slots.set(key, slot)
    slot.value.then(
      (value) => {
        slot.settled = value
        if (this.#slots.get(key) !== slot) return
        // Only now, when it is known to be real; reads in flight are bounded by the requests in flight.
        if (value !== null) return this.#trim()
        this.#slots.delete(key)
        this.#absent.set(key, slot)
        if (this.#absent.size > MAX_ABSENT) this.#absent.delete(this.#absent.keys().next().value!)
      },
      () => {
        if (this.#slots.get(key) === slot) this.#slots.delete(key)
      },
    )
    return slot.value
  }

  /** What was there before, for a while, when the database cannot be asked; it is asked again a second later. */
  async #loadOrKeep(key: string, load: () => Promise<T>, before: Slot<T> | undefined): Promise<T> {
    try {
      return await load()
    } catch (error) {
      const lost = error instanceof AuthError && error.code === 'unavailable'
      if (!lost || before?.settled === undefined || this.#silence(before.readAt) >= this.options.maxStaleMs) throw error
      before.heldUntil = this.options.monotonicMs() + HOLD_MS
      // Not where a change was heard of meanwhile.
      if (this.#slots.has(key)) this.#slots.set(key, before)
      return before.settled
    }
  }

  /**
   * By a load that begins after this call. Those who ask while one is in flight share the next, so that a flood costs one load at a time.
   */
  renew(key: string, load: () => Promise<T>): Promise<T> {
    const running = this.#renewals.get(key)
    if (!running) return this.#startRenewal(key, load)
    const start = () => this.#startRenewal(key, load)
    running.next ??= running.value.then(start, start)
    return running.next
  }

  #startRenewal(key: string, load: () => Promise<T>): Promise<T> {
    this.drop(key)
    const renewal = { value: this.get(key, load), next: null }
    this.#renewals.set(key, renewal)
    // One that has a successor is replaced by it.
    const over = () => void (renewal.next === null && this.#renewals.delete(key))
    renewal.value.then(over, over)
    return renewal.value
  }

  /** The value if it is in memory and young enough. */
  peek(key: string): T | undefined {
    const found = this.#slots.get(key)
    return found && this.#young(found) ? found.settled : undefined
  }

  #trim(): void {
    while (this.#slots.size > this.options.maxSize) this.#slots.delete(this.#slots.keys().next().value!)
  }

  drop(key: string): void {
    this.#slots.delete(key)
    this.#absent.delete(key)
  }

  clear(): void {
    this.#slots.clear()
    this.#absent.clear()
  }

  get size(): number {
    return this.#slots.size
  }
}
