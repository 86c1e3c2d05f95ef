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

/** What one caller asks for. */
export interface ChargeCall {
  charges: readonly Charge[]
  holdKey: string | null
}

export type ChargeResult = { heldUntil: number } | { buckets: Bucket[] }

/**
 * Where buckets are counted. Every method is one round trip and atomic over all processes that share the store.
 * `now` is the product's clock in epoch milliseconds; the store's own clock never decides anything.
 */
export interface CounterStore {
  /** Charges every bucket, or none when `holdKey` is held at `now`. Buckets come back in the order of `charges`. */
  charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult>
  /** Marks one of `SKETCH_PLACES` places of a sketch that lives for so long from its first mark; answers all its marks, as bits. */
  mark(key: string, place: number, windowMs: number, now: number): Promise<number>
  /** Holds a key until an instant. */
  hold(key: string, until: number, now: number): Promise<void>
  /** Forgets the buckets and holds of `drop`; gives one point back to each live bucket of `refund`. */
  release(drop: readonly string[], refund: readonly string[], now: number): Promise<void>
}

/** A store that does the work of several callers in one statement. */
export interface BatchCounterStore {
  /** What `charge` would have answered to each of them, one after another in this order. At most a million points together. */
  chargeAll(calls: readonly ChargeCall[], now: number): Promise<ChargeResult[]>
  mark(key: string, place: number, windowMs: number, now: number): Promise<number>
  hold(key: string, until: number, now: number): Promise<void>
  /** `refund`: points to give back by key; none of them is in `drop`. */
  releaseAll(drop: ReadonlySet<string>, refund: ReadonlyMap<string, number>, now: number): Promise<void>
}

/** Bits of a counter that is used as a sketch: it fits the column of the counters. */
export const SKETCH_PLACES = 30

/** More than any limit allows; keeps a flooded counter from overflowing its column. */
export const MAX_COUNT = 1_000_000
