/** Injection token: all use cases, constructed once in `use-cases.ts`. */
export const USE_CASES = Symbol('USE_CASES')
