/** The product's only source of time: injected, so that tests move it instead of sleeping. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

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
