/** The product's only source of time: injected, so that tests move it instead of sleeping. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** What the clocks of two machines may differ by before one is put right, in milliseconds: no more than a long answer of the database. */
const TOLERANCE_MS = 500

/**
 * The time of PostgreSQL, carried on by this process's monotonic clock. So all processes of an installation have one time, and a machine
 * whose wall clock jumps or was never set issues no tokens of the future, keeps no ended session alive and sends no mail an hour late.
 */
export class FollowingClock implements Clock {
  #offsetMs = Date.now() - performance.now()

  now(): Date {
    return new Date(performance.now() + this.#offsetMs)
  }

  /** `theirs` was the time at some moment between these two of `performance.now()`. Answers by how many milliseconds ours was put right. */
  follow(theirs: Date, askedAt: number, answeredAt: number): number {
    const time = theirs.getTime()
    const [earliest, latest] = [askedAt + this.#offsetMs - TOLERANCE_MS, answeredAt + this.#offsetMs + TOLERANCE_MS]
    if (time >= earliest && time <= latest) return 0
    const before = this.#offsetMs
    this.#offsetMs = time - (askedAt + answeredAt) / 2
    return this.#offsetMs - before
  }
}

/** A clock that can be moved forward; behind `PORTICO_TEST_CLOCK` and in tests, refused in production. */
export class MovableClock implements Clock {
  /** How far all processes of the installation were moved together. */
  sharedMs = 0
  #offsetMs = 0

  now(): Date {
    return new Date(Date.now() + this.#offsetMs + this.sharedMs)
  }

  advanceSeconds(seconds: number): Date {
    this.#offsetMs += seconds * 1000
    return this.now()
  }
}
