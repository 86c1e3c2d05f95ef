/** Injection token: all use cases, constructed once in `wiring.ts`. */
export const USE_CASES = Symbol('USE_CASES')
