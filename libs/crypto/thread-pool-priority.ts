import { readlink } from 'node:fs/promises'
import { setPriority } from 'node:os'

/** What the kernel's scheduler gives a thread at 10 is a ninth of what it gives one at 0, when both want the same core. */
export const POOL_NICENESS = 10
const MAX_ROUNDS = 50

/**
 * Lets the threads of Node's pool, which do the password hashing, give way to everything else: to the event loop, and to a PostgreSQL on
 * the same cores. On idle cores a hash takes as long as before. Without it two hashes and the loop share two cores evenly, and under a wave
 * of logins all other answers wait for seconds. Linux only; elsewhere, or where it is forbidden, nothing happens. Answers how many threads
 * give way.
 */
export async function lowerThreadPoolPriority(threads = Number(process.env['UV_THREADPOOL_SIZE']) || 4): Promise<number> {
  if (process.platform !== 'linux') return 0
  const lowered = new Set<number>()
  for (let round = 0; round < MAX_ROUNDS && lowered.size < threads; round++) {
    // The link is read by a thread of the pool, and names that thread: `<process>/task/<thread>`.
    const links = await Promise.all(Array.from({ length: threads * 4 }, () => readlink('/proc/thread-self').catch(() => '')))
    for (const link of links) {
      const thread = Number(link.split('/task/')[1])
      if (!(thread > 0) || lowered.has(thread)) continue
      try {
        setPriority(thread, POOL_NICENESS)
      } catch {
        return lowered.size
      }
      lowered.add(thread)
    }
  }
  return lowered.size
}
