import type { WorkerHandle } from './queue-backends.js'

/** So many errors in one second are a loop that does not wait. */
const MOST = 5
const WINDOW_MS = 1_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10_000

/**
 * BullMQ waits after a lost connection, and not after an answer that is an error (no right to a command, a wrong slot, a store that takes
 * no writes): it asks again at once, and 194,698 lines in 35 s were seen. Answers whether the worker is in such a state.
 */
export function slowDownOnErrors(worker: WorkerHandle): () => boolean {
  let windowAt = -Infinity
  let errors = 0
  let paused = false
  let pauseMs = FIRST_PAUSE_MS
  let failingUntil = -Infinity
  worker.on('error', (answer) => {
    if (paused || !isAnswer(answer)) return
    const now = performance.now()
    if (now - windowAt > WINDOW_MS) {
      if (now > failingUntil) pauseMs = FIRST_PAUSE_MS
      windowAt = now
      errors = 0
    }
    errors += 1
    if (errors < MOST) return
    paused = true
    failingUntil = now + pauseMs + WINDOW_MS
    // Jobs in work go on.
    void worker.pause(true).catch(() => undefined)
    setTimeout(() => {
      paused = false
      void worker.resume()
    }, pauseMs).unref()
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  })
  return () => performance.now() < failingUntil
}

/** From the store itself, which is there: a lost connection is not, and is waited for by BullMQ. */
function isAnswer(error: Error): boolean {
  if (error.name === 'ReplyError') return true
  const { severity, code } = error as { severity?: unknown; code?: unknown }
  // PostgreSQL; without what it says when it ends connections.
  return severity !== undefined && typeof code === 'string' && !/^(57P|08)/.test(code)
}
