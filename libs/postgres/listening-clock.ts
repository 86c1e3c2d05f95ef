const TICK_MS = 20

/**
 * Monotonic time without what this process was too busy for. An answer that lies in the socket meanwhile is not the server's delay, and
 * nobody is to be refused for it. It looks for that only between `start` and `stop`, fifty times a second.
 */
export class ListeningClock {
  #lostMs = 0
  #tickedAt = 0
  #timer: NodeJS.Timeout | null = null

  now(): number {
    return performance.now() - this.#lostMs
  }

  start(): void {
    if (this.#timer !== null) return
    this.#tickedAt = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      const late = now - this.#tickedAt - TICK_MS
      // A tick late by less is how timers are.
      if (late > TICK_MS) this.#lostMs += late
      this.#tickedAt = now
    }, TICK_MS).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
