import type { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { workOnReplays } from '@portico/platform/records/webhook-replay.store'
import { MOST_REPLAYED } from '@portico/platform/webhooks/replay'
import { setTimeout as sleep } from 'node:timers/promises'

/** Rows of a log in one transaction: a long one would hold up every event of the cluster (auth.hand_on_events). */
const ROWS = 200
/** Of a replay, at its endpoint: what happens now comes behind these and not behind all of a month. */
const MOST_WAITING = 1_000
const POLL_MS = 1_000
const COMPLAIN_MS = 10_000

export interface ReplayLoopParts {
  sql: PlatformSql
  clock: Clock
  logger: Logger
  /** Deliveries were made: who sends them need not wait for the next look. */
  onMade?: () => void
}

/** Works on replays, batch by batch; several workers share them. A batch and the note of how far it came are one transaction. */
export class ReplayLoop {
  readonly #stop = new AbortController()
  #loop: Promise<void> | null = null
  #complainedAt = -Infinity

  constructor(private readonly parts: ReplayLoopParts) {}

  start(): void {
    this.#loop ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  /** One step; whether there is more to do at once. */
  async round(): Promise<boolean> {
    const { sql, clock, onMade } = this.parts
    const { read, made } = await workOnReplays(sql, { rows: ROWS, mostWaiting: MOST_WAITING, most: MOST_REPLAYED, now: clock.now() })
    if (made > 0) onMade?.()
    return read > 0
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const more = await this.round().catch((error: unknown) => {
        this.#complain(error)
        return false
      })
      if (!more) await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #complain(error: unknown): void {
    const now = performance.now()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.parts.logger.warn({ err: error }, 'replays cannot be worked on; they wait')
  }
}
