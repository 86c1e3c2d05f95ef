import { setTimeout as sleep } from 'node:timers/promises'
import { INTERVAL_MS } from '@portico/database/change-feed'
import type { FastifyInstance } from 'fastify'

/** Beside one look of the slowest process: the time that its statement takes. */
const STATEMENT_MS = 100

/** When something was last noted for the other processes, in monotonic milliseconds. */
export class NotedChanges {
  #at = -Infinity
  readonly #heardMs: number

  constructor(intervalMs = INTERVAL_MS) {
    this.#heardMs = intervalMs + STATEMENT_MS
  }

  noted(): void {
    this.#at = performance.now()
  }

  /** Milliseconds until every process has had its look at whatever was noted here. */
  remainingMs(): number {
    return Math.max(0, this.#at + this.#heardMs - performance.now())
  }
}

/**
 * An operator who changes a setting or disables a user, and then calls the data plane, must not meet the state of before: the answer to a
 * change waits until the data planes have looked. What is made anew (201) waits for nothing: there is nothing of it in a cache.
 */
export function registerHeardEverywhere(server: FastifyInstance, changes: NotedChanges): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.method === 'GET' || reply.statusCode !== 200) return payload
    const wait = changes.remainingMs()
    if (wait > 0) await sleep(wait)
    return payload
  })
}
