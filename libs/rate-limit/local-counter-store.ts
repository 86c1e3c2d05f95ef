import { MAX_COUNT, type Bucket, type Charge, type ChargeResult, type CounterStore } from './counter-store.js'

/** Counters of this process only, at most `maxKeys` of them: what stands in while the shared store is away. */
export class LocalCounterStore implements CounterStore {
  readonly #buckets = new Map<string, Bucket>()
  readonly #maxKeys: number

  constructor(maxKeys = 50_000) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#buckets.size
  }

  async charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult> {
    const held = holdKey === null ? undefined : this.#live(holdKey, now)
    if (held) return { heldUntil: held.expiresAt }
    return {
      buckets: charges.map((charge) => {
        const live = this.#live(charge.key, now)
        const bucket = live
          ? { count: Math.min(live.count + charge.cost, MAX_COUNT), expiresAt: live.expiresAt }
          : { count: charge.cost, expiresAt: now + charge.windowMs }
        this.#put(charge.key, bucket)
        return bucket
      }),
    }
  }

  async mark(key: string, place: number, windowMs: number, now: number): Promise<number> {
    const live = this.#live(key, now)
    const count = (live?.count ?? 0) | (2 ** place)
    this.#put(key, { count, expiresAt: live?.expiresAt ?? now + windowMs })
    return count
  }

  async hold(key: string, until: number): Promise<void> {
    this.#put(key, { count: 1, expiresAt: until })
  }

  async release(drop: readonly string[], refund: readonly string[], now: number): Promise<void> {
    for (const key of drop) this.#buckets.delete(key)
    for (const key of refund) {
      const live = this.#live(key, now)
      if (live) this.#put(key, { count: Math.max(live.count - 1, 0), expiresAt: live.expiresAt })
    }
  }

  clear(): void {
    this.#buckets.clear()
  }

  #live(key: string, now: number): Bucket | undefined {
    const bucket = this.#buckets.get(key)
    return bucket && bucket.expiresAt > now ? bucket : undefined
  }

  #put(key: string, bucket: Bucket): void {
    // Re-inserting moves the key to the end: at the cap the least recently used key goes first.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size <= this.#maxKeys) return
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest)
      break
    }
  }
}
