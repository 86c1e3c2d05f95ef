/** One bucket to charge: `points` is what this use costs, `windowMs` how long the bucket lives from its first charge. */
export interface Charge {
  key: string
  cost: number
  windowMs: number
}

/** A bucket after the charge. */
export interface Bucket {
  count: number
  /** Epoch milliseconds of the product's clock. */
  expiresAt: number
}

export type ChargeResult = { heldUntil: number } | { buckets: Bucket[] }

/**
 * Where buckets are counted. Every method is one round trip and atomic over all processes that share the store.
 * `now` is the product's clock in epoch milliseconds; the store's own clock never decides anything.
 */
export interface CounterStore {
  /** Charges every bucket, or none when `holdKey` is held at `now`. Buckets come back in the order of `charges`. */
  charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult>
  /** Holds a key until an instant. */
  hold(key: string, until: number, now: number): Promise<void>
  /** Forgets the buckets and holds of `drop`; gives one point back to each live bucket of `refund`. */
  release(drop: readonly string[], refund: readonly string[], now: number): Promise<void>
}

/** More than any limit allows; keeps a flooded counter from overflowing its column. */
export const MAX_COUNT = 1_000_000
