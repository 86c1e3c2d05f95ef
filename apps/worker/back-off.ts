const LONGEST_MS = 1_500

/** How long a loop waits after `failures` errors in a row: twice as long each time, and never so long that a store that is back waits. */
export const backOff = (pollMs: number, failures: number): number =>
  failures === 0 ? pollMs : Math.max(pollMs, Math.min(pollMs * 2 ** failures, LONGEST_MS))
