import pg from 'pg'
import { LateListenerClient, type LateListenerConfig } from './late-listener-client.js'
import type { ServerWatch } from './server-watch.js'

export interface Watched {
  watch: ServerWatch
  /** It is the one that looks whether the server is there, and asks however long it was away. */
  probe: boolean
}

type Answer = (error: Error | null | undefined, result: unknown) => void

/** Every statement of whoever uses it waits no longer than the watch says, and tells it what came of it. */
export class WatchedClient extends LateListenerClient {
  readonly #watched: Watched
  /** Of each statement that has no less. */
  readonly #ownLimit: number
  #answeredAt: number

  constructor(config: LateListenerConfig & { watched: Watched }) {
    super(config)
    this.#watched = config.watched
    this.#ownLimit = Number(config.query_timeout) || Infinity
    this.#answeredAt = config.watched.watch.now()
  }

  /** Made, or answered, after that moment. */
  answeredSince(moment: number): boolean {
    return this.#answeredAt >= moment
  }

  // `never` is the one type that agrees with all overloads; what is returned is what they say.
  override query(config: unknown, values?: unknown, last?: unknown): never {
    if (typeof config === 'object' && config !== null && 'submit' in config) return this.#send(config, values, last as Answer)
    const given = typeof values === 'function' ? values : last
    const parameters = typeof values === 'function' ? undefined : values
    if (typeof given === 'function') return this.#ask(config, parameters, given as Answer) as never
    return new Promise((done, fail) => {
      this.#ask(config, parameters, (error, result) => (error ? fail(error) : done(result)))
    }) as never
  }

  #ask(config: unknown, values: unknown, answer: Answer): void {
    const { watch, probe } = this.#watched
    const begunAt = watch.now()
    let limit: number
    try {
      limit = watch.limitMs(begunAt, { probe, connecting: false })
    } catch (error) {
      process.nextTick(answer, error, undefined)
      return
    }
    const budget = watch.begin(begunAt)
    this.#send(limit < this.#ownLimit ? timed(config, limit) : config, values, (error, result) => {
      const answered = !error || (error instanceof pg.DatabaseError && !error.code?.startsWith('57P0'))
      const now = watch.end(budget, begunAt, answered)
      if (answered) this.#answeredAt = now
      if (error) watch.failed({ begunAt, limit, connecting: false }, error)
      answer(error, result)
    })
  }

  #send(config: unknown, values: unknown, answer: Answer): never {
    return super.query(config as string, values as unknown[], answer as () => void) as never
  }
}

function timed(config: unknown, limit: number): unknown {
  return typeof config === 'string' ? { text: config, query_timeout: limit } : { ...(config as object), query_timeout: limit }
}
