import { claimOutbox } from '@portico/database/outbox'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import type { MailQueue } from '@portico/queue/mail-queue'
import { backOff } from './back-off.js'

export interface OutboxRelayParts {
  sql: PlatformSql
  queue: MailQueue
  clock: Clock
  logger: Logger
  /** Between two looks that found nothing. Default 250: it is how late a mail may start. */
  pollMs?: number
  /** Rows per round. Default 200. */
  batch?: number
  /** A row that was handed over and is not done after this time is handed over again. Default 30. */
  stuckSeconds?: number
  /**
   * Bundles waiting in the queue from which on nothing more is handed over: the rest waits in the table, where each project has its share.
   * Default 16.
   */
  maxWaiting?: number
}

const QUIET_MS = 10_000

/**
 * Hands due outbox rows to the queue. The row is the obligation, the job only its messenger: a queue that comes back empty loses nothing,
 * because a row that is not done comes up again.
 */
export class OutboxRelay {
  readonly #parts: Required<OutboxRelayParts>
  #stopped = false
  #loop: Promise<void> | null = null
  #wake: (() => void) | null = null
  #lastComplaint = -Infinity
  #failures = 0
  /** When a round last went through; for the metrics and for tests. */
  lastSuccessAt: Date | null = null

  constructor(parts: OutboxRelayParts) {
    this.#parts = { pollMs: 250, batch: 200, stuckSeconds: 30, maxWaiting: 16, ...parts }
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Claims nothing more; resolves when the round in work is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      let more = false
      try {
        more = await this.#round()
        this.#failures = 0
        this.lastSuccessAt = this.#parts.clock.now()
      } catch (error) {
        this.#failures += 1
        this.#complain(error)
      }
      if (!more) await this.#pause()
    }
  }

  /** Whether there is probably more to do at once. */
  async #round(): Promise<boolean> {
    const { sql, queue, clock, batch, stuckSeconds, maxWaiting } = this.#parts
    // Claiming while the queue is away would only delay the rows until they count as stuck.
    const health = await queue.health()
    if (!health.ok) throw new Error('the queue does not answer')
    if ((health.waiting ?? 0) >= maxWaiting) return false
    const jobs = await claimOutbox(sql, { now: clock.now(), limit: batch, stuckSeconds })
    if (jobs.length === 0) return false
    await queue.add(jobs)
    // Each project gets an even share of a round, so a round that was not full may still have left something.
    return true
  }

  async #pause(): Promise<void> {
    if (this.#stopped) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, backOff(this.#parts.pollMs, this.#failures))
    })
    clearTimeout(timer)
    this.#wake = null
  }

  #complain(error: unknown): void {
    const now = performance.now()
    if (now - this.#lastComplaint < QUIET_MS) return
    this.#lastComplaint = now
    this.#parts.logger.warn({ err: error }, 'outbox rows cannot be handed over; they wait')
  }
}
