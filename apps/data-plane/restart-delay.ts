const FIRST_MS = 250
const LONGEST_MS = 30_000
/** Who ran so long did not end because of how it starts. */
const STEADY_MS = 60_000

/** How long to wait before a process that ended is started again: not at all at first, then longer each time while it does not stay. */
export class RestartDelay {
  #next = 0

  /** `ranMs`: how long it had run. */
  after(ranMs: number): number {
    if (ranMs >= STEADY_MS) this.#next = 0
    const delay = this.#next
    this.#next = delay === 0 ? FIRST_MS : Math.min(LONGEST_MS, delay * 2)
    return delay
  }
}
