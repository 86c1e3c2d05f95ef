import type { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { tracing } from '@portico/kernel/tracing'
import { claimWebhooks, finishWebhooks, type DueWebhook, type WebhookEnd } from '@portico/platform/records/webhook-delivery.store'
import { OFF_AFTER_SECONDS, WEBHOOK_TIME_LIMIT_MS, type SendWebhook } from '@portico/platform/webhooks/send-webhook'
import { setTimeout as sleep } from 'node:timers/promises'

export interface WebhookRelayParts {
  sql: PlatformSql
  send: SendWebhook
  clock: Clock
  logger: Logger
  pollMs?: number
  /** Tries at once, and of one endpoint among them. */
  most?: number
  mostOfOne?: number
  count?: (result: 'delivered' | 'failed' | 'retry') => void
}

/** A try and its record. A worker that dies leaves what it was at to the next one after so long. */
const LEASE_SECONDS = WEBHOOK_TIME_LIMIT_MS / 1000 + 15
/** Ends of one moment are written together. */
const GATHER_MS = 15
const COMPLAIN_MS = 10_000

/**
 * Sends due deliveries. The row is the obligation and the claim a lease on it, so there is no queue that could lose or double one. An
 * endpoint that hangs holds its own few places and no others.
 */
export class WebhookRelay {
  readonly #parts: Required<WebhookRelayParts>
  readonly #running = new Map<string, number>()
  readonly #tries = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #woken = new AbortController()
  #ends: WebhookEnd[] = []
  #writing: Promise<void> | null = null
  #loop: Promise<void> | null = null
  #complainedAt = -Infinity

  constructor(parts: WebhookRelayParts) {
    this.#parts = { pollMs: 500, most: 400, mostOfOne: 20, count: () => undefined, ...parts }
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** There may be something due: no need to wait for the next look. */
  wake = (): void => this.#woken.abort()

  /** Begins no more tries; what is under way has its time. */
  async stop(inFlightMs = 10_000): Promise<void> {
    this.#stop.abort()
    this.#woken.abort()
    await this.#loop
    await Promise.race([Promise.all(this.#tries), sleep(inFlightMs, undefined, { ref: false })])
    await this.#writing
  }

  async #run(): Promise<void> {
    const { pollMs } = this.#parts
    while (!this.#stop.signal.aborted) {
      this.#woken = new AbortController()
      const begun = await this.#round().catch((error: unknown) => {
        this.#complain(error)
        return 0
      })
      if (begun === 0 && !this.#stop.signal.aborted) await sleep(pollMs, undefined, { signal: this.#woken.signal }).catch(() => undefined)
    }
  }

  /** How many tries were begun. */
  async #round(): Promise<number> {
    const { sql, clock, most, mostOfOne } = this.#parts
    const free = most - this.#tries.size
    if (free <= 0) return 0
    const busy = [...this.#running].filter(([, count]) => count > mostOfOne / 2).map(([endpoint]) => endpoint)
    const round = { now: clock.now(), limit: Math.min(free, 200), share: Math.ceil(mostOfOne / 2), leaseSeconds: LEASE_SECONDS, busy }
    const due = await claimWebhooks(sql, round)
    for (const one of due) {
      const working: Promise<void> = this.#try(one).finally(() => this.#tries.delete(working))
      this.#tries.add(working)
    }
    return due.length
  }

  async #try(due: DueWebhook): Promise<void> {
    this.#running.set(due.endpointId, (this.#running.get(due.endpointId) ?? 0) + 1)
    try {
      this.#ends.push(await this.#traced(due))
    } finally {
      const left = this.#running.get(due.endpointId)! - 1
      if (left > 0) this.#running.set(due.endpointId, left)
      else this.#running.delete(due.endpointId)
      // Its place is free: what waits for this endpoint may go.
      this.wake()
    }
    this.#writing ??= this.#write()
    await this.#writing
  }

  /** In the trace of the request that the event came from. */
  #traced(due: DueWebhook): Promise<WebhookEnd> {
    const traces = tracing()
    if (traces === null) return this.#parts.send.execute(due)
    const facts = { 'portico.project_id': due.projectId, 'portico.webhook': due.id, 'portico.attempt': due.attempt }
    return traces.root('webhook', 'consumer', facts, due.traceparent, () => this.#parts.send.execute(due))
  }

  async #write(): Promise<void> {
    const { sql, clock, logger, count } = this.#parts
    await sleep(GATHER_MS)
    this.#writing = null
    const ends = this.#ends.splice(0)
    if (ends.length === 0) return
    for (const pause of [250, 1_000, 3_000, null]) {
      try {
        const off = await finishWebhooks(sql, ends, { now: clock.now(), offAfterSeconds: OFF_AFTER_SECONDS })
        for (const { ok, nextAttemptAt } of ends) count(ok ? 'delivered' : nextAttemptAt === null ? 'failed' : 'retry')
        for (const { projectId, endpointId } of off) {
          logger.warn({ project_id: projectId, endpoint_id: endpointId }, 'a webhook endpoint was turned off')
        }
        this.wake()
        return
      } catch (error) {
        this.#complain(error)
        // Not written: after its lease it is sent again, which a receiver knows by its id.
        if (pause !== null) await sleep(pause)
      }
    }
  }

  #complain(error: unknown): void {
    const now = performance.now()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.#parts.logger.warn({ err: error }, 'webhooks cannot be worked on; they wait')
  }
}
