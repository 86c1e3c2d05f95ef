// Node and browsers hold a timer's delay in 31 bits; a longer one fires at once.
const LONGEST_MS = 2 ** 31 - 1

/** One timer at a time for `work`: each call ends the one before, and begins another when it is given a delay. */
export function renewalTimer(work: () => void): (delayMs?: number) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return (delayMs) => {
    clearTimeout(timer)
    if (delayMs === undefined) return
    timer = setTimeout(work, Math.min(delayMs, LONGEST_MS))
    // A server's process should not stay for a timer.
    ;(timer as { unref?: () => void }).unref?.()
  }
}
