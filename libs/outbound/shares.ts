/** Up to here every share may have as much as its own limit. */
const ROOM = 400
/** Beyond it a share may still have this much, so that many greedy shares together do not keep a modest one out. */
const RESERVED_EACH = 2
/** A bound on sockets, whatever the number of shares. */
const MOST = 800

/** Counts the work that is going on, in all and by share. */
export class Shares {
  readonly #running = new Map<string, number>()
  #total = 0

  constructor(private readonly maxPerShare: number) {}

  /** Whether the share may begin one more; if so it is counted until `give`. */
  take(share: string): boolean {
    const own = this.#running.get(share) ?? 0
    const limit = this.#total < ROOM ? this.maxPerShare : Math.min(this.maxPerShare, RESERVED_EACH)
    if (own >= limit || this.#total >= MOST) return false
    this.#running.set(share, own + 1)
    this.#total += 1
    return true
  }

  give(share: string): void {
    const own = this.#running.get(share) ?? 0
    if (own > 1) this.#running.set(share, own - 1)
    else this.#running.delete(share)
    this.#total -= 1
  }
}
