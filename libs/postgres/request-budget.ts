/** What one request has left to spend on PostgreSQL. Waits at the same time count once; what it does between them (a hash) does not. */
export class RequestBudget {
  #spentMs = 0
  #waits = 0
  #since = 0

  /** `isAnswered`: once an answer has begun nobody waits to be refused, and what goes on (a stream, tidying up) has its time anew. */
  constructor(
    private readonly totalMs: number,
    private readonly isAnswered: () => boolean,
  ) {}

  leftMs(now: number): number {
    if (this.isAnswered()) return this.totalMs
    return this.totalMs - this.#spentMs - (this.#waits > 0 ? now - this.#since : 0)
  }

  begin(now: number): void {
    if (this.#waits === 0) this.#since = now
    this.#waits += 1
  }

  end(now: number): void {
    this.#waits -= 1
    if (this.#waits === 0) this.#spentMs += now - this.#since
  }
}
