export const MINUTE_SECONDS = 60
export const HOUR_SECONDS = 3_600
export const DAY_SECONDS = 86_400

/** The instant `seconds` after `at` (before it when negative). */
export function addSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000)
}

/** RFC 7519 NumericDate: whole seconds since the epoch, rounded down. */
export function toNumericDate(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
