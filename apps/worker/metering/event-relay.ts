import type { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { handOnEvents } from '@portico/platform/records/event-reader.store'
import { WEBHOOK_TYPES } from '@portico/platform/webhooks/webhook-types'
import { setTimeout as sleep } from 'node:timers/promises'
import { backOff } from '../back-off.js'

export interface EventRelayParts {
  sql: PlatformSql
  clock: Clock
  logger: Logger
  /** Between two rounds that found little. */
  pollMs?: number
  /** Events of a round. */
  batch?: number
  /** Something was handed on: who waits for it need not wait for its next look. */
  onHandedOn?: () => void
}

const COMPLAIN_MS = 10_000

/**
 * Hands committed events on, in order (auth.hand_on_events). Several workers may try; one at a time does it, and of one that dies the
 * database takes the lock away.
 */
export class EventRelay {
  readonly #parts: Required<EventRelayParts>
  readonly #stop = new AbortController()
  #loop: Promise<void> | null = null
  #complainedAt = -Infinity
  handedOn = 0

  constructor(parts: EventRelayParts) {
    this.#parts = { pollMs: 250, batch: 500, onHandedOn: () => undefined, ...parts }
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  /** One round; whether there is probably more to do at once. */
  async round(): Promise<boolean> {
    const { sql, clock, batch, onHandedOn } = this.#parts
    const handed = await handOnEvents(sql, { limit: batch, now: clock.now(), webhookTypes: WEBHOOK_TYPES })
    if (handed === null) return false
    this.handedOn += handed
    if (handed > 0) onHandedOn()
    return handed >= batch
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let failures = 0
    while (!signal.aborted) {
      const more = await this.round().then(
        (isMore) => {
          failures = 0
          return isMore
        },
        (error: unknown) => {
          failures += 1
          this.#complain(error)
          return false
        },
      )
      if (!more) await sleep(backOff(this.#parts.pollMs, failures), undefined, { signal }).catch(() => undefined)
    }
  }

  #complain(error: unknown): void {
    const now = performance.now()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.#parts.logger.warn({ err: error }, 'events cannot be handed on; they wait')
  }
}
