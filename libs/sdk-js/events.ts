import { backoffMs, pause } from './backoff.js'
import { readServerSentEvents } from './event-stream.js'
import type { components } from './generated.js'
import { camelKeys } from './key-case.js'
import { Listing, type NumberedPages } from './page.js'
import type { CallOptions, Transport } from './transport.js'

export type ProjectEvent = components['schemas']['ProjectEvent']
export type EventsQuery = Omit<components['schemas']['ProjectEventsQuery'], NumberedPages | 'types'> & {
  /** Only these of the event catalogue. */
  types?: readonly string[]
}

export interface FollowOptions {
  types?: readonly string[]
  /** Only what a webhook may carry. */
  webhooks?: boolean
  /** The id of the last event that was handled: what came after it is told first. */
  after?: string
  /** The stream is open, for the first time or again: whatever is committed from now on is told. */
  onOpen?: () => void
  /**
   * Between the last event and those that follow some cannot be told: `unknown` where the server does not know the last one any more
   * (read the list, for example after a backup was restored), `gone` where retention has deleted some.
   */
  onMissed?: (reason: 'unknown' | 'gone') => void
  /** Ends the loop. */
  signal?: AbortSignal
}

/** What happens in a project. */
export class Events {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Newest first. */
  list(projectId: string, { types, ...query }: EventsQuery = {}, options?: CallOptions): Listing<ProjectEvent> {
    const asked = { ...query, ...(types && { types: types.join(',') }) }
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'events'], query: asked }, options)
  }

  /**
   * Events in the order in which they are handed on, a moment after their commit, for as long as the loop runs: `for await (const event of
   * portico.events.follow(id))`. A lost connection is opened again where it was, so that nothing is missed or told twice. Throws when the
   * server refuses, such as for a revoked key.
   */
  async *follow(projectId: string, options: FollowOptions = {}): AsyncGenerator<ProjectEvent, void, undefined> {
    const { types, webhooks, signal, onOpen, onMissed } = options
    let last = options.after
    for (;;) {
      const response = await this.#transport.open({
        path: ['projects', projectId, 'events', 'stream'],
        query: { ...(types && { types: types.join(',') }), ...(webhooks && { webhooks }) },
        headers: { Accept: 'text/event-stream', ...(last !== undefined && { 'Last-Event-ID': last }) },
        signal,
      })
      if (response === null) return
      onOpen?.()
      for await (const { id, event, data } of readServerSentEvents(response, signal)) {
        if (event === 'missed') onMissed?.((JSON.parse(data) as { reason?: 'gone' }).reason ?? 'unknown')
        if (id === null) continue
        last = id
        if (data !== '') yield camelKeys(JSON.parse(data)) as ProjectEvent
      }
      // Ended by the other side: not at once again, or a server that stops would be asked without a break.
      await pause(backoffMs(1), signal).catch(() => undefined)
      if (signal?.aborted) return
    }
  }
}
