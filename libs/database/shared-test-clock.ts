import type { MovableClock } from '@portico/kernel/clock'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlatformSql } from './platform-sql.js'

const POLL_MS = 100
/** What another process needs to have looked again, with room for a busy machine. */
const HEARD_MS = 3 * POLL_MS

/**
 * The one clock of all processes of a test installation: how far it was moved stands in the database, and each process looks there. With a
 * clock of its own each, what one plane owes in its future would wait forever in a worker of the present.
 */
export class SharedTestClock {
  #timer: NodeJS.Timeout | null = null
  #polls = Promise.resolve()

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: MovableClock,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Takes over how far the others are, and follows them from now on. */
  async start(): Promise<void> {
    await this.#poll()
    this.#timer = setInterval(() => (this.#polls = this.#polls.then(() => this.#poll())), POLL_MS).unref()
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await this.#polls
  }

  /** Moves every process; resolves when they have had the time to see it. */
  async advanceSeconds(seconds: number): Promise<Date> {
    const [row] = await this.sql.run<{ moved_ms: string }>({
      name: 'test_clock_move',
      text: `insert into limits.test_clock as c (moved_ms) values ($1) on conflict (id) do update set moved_ms = c.moved_ms + excluded.moved_ms returning moved_ms`,
      values: [Math.round(seconds * 1000)],
    })
    this.clock.sharedMs = Number(row?.moved_ms ?? 0)
    if (seconds > 0) await sleep(HEARD_MS)
    return this.clock.now()
  }

  async #poll(): Promise<void> {
    try {
      const [row] = await this.sql.run<{ moved_ms: string }>({
        name: 'test_clock_read',
        text: 'select moved_ms from limits.test_clock',
        values: [],
      })
      // Never back: an answer that was under way while this process moved the clock itself is older.
      this.clock.sharedMs = Math.max(this.clock.sharedMs, Number(row?.moved_ms ?? 0))
    } catch (error) {
      this.onError(error)
    }
  }
}
