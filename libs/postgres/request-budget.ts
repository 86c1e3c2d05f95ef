/**
 * What one request has left to spend on PostgreSQL. Waits at the same time count once; what it does between them (a hash) does not.
 *
 * A server that answers is there, however slowly: what was answered counts against the wait for a further connection alone, of which there
 * are too few then, and never against a further question. So a long piece of work that goes on is not cut off.
 */
export class RequestBudget {
  #spentMs: number
  #answeredMs = 0
  #waits = 0
  #since = 0

  /** `isAnswered`: once an answer has begun nobody waits to be refused, and what goes on (a stream, tidying up) has its time anew. */
  constructor(
    private readonly totalMs: number,
    private readonly isAnswered: () => boolean,
    spentMs = 0,
  ) {
    this.#spentMs = spentMs
  }

  /** To wait without an answer. */
  leftMs(now: number): number {
    if (this.isAnswered()) return this.totalMs
    return this.totalMs - this.#spentMs - (this.#waits > 0 ? now - this.#since : 0)
  }

  /** To wait for a connection, where none is free. */
  leftForConnectionMs(now: number): number {
    return this.isAnswered() ? this.totalMs : this.leftMs(now) - this.#answeredMs
  }

  begin(now: number): void {
    if (this.#waits === 0) this.#since = now
    this.#waits += 1
  }

  end(now: number, answered: boolean): void {
    this.#waits -= 1
    if (answered) this.#answeredMs += now - this.#since
    else if (this.#waits === 0) this.#spentMs += now - this.#since
    if (answered) this.#since = now
  }
}
