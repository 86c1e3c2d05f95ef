import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { addSeconds } from '@portico/kernel/duration'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  currentEventPlace,
  eventsAfter,
  findEventPlace,
  followedEvents,
  type EventPlace,
  type ProjectEvent,
} from '../records/event.store.js'

/** Between two questions, while somebody follows. */
const POLL_MS = 500
const PER_LOOK = 200
const PER_PAGE = 500
/** More than an event may be older than the commit of its transaction (`TRANSACTION_LIMIT_MS`, and clocks that differ). */
const OLDER_SECONDS = 120

export interface Follower {
  onEvents(events: readonly ProjectEvent[]): void
}

interface Following {
  scope: ProjectScope
  follower: Follower
  place: EventPlace
}

/**
 * Tells followers of projects what is committed there, in the order of the transactions, each event once. All followers of a process share
 * one question to the database, asked twice a second; nobody follows, nobody asks.
 */
export class EventFeed {
  readonly #following = new Set<Following>()
  #running = false

  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
    private readonly onSilent: (error: unknown) => void = () => undefined,
  ) {}

  get followers(): number {
    return this.#following.size
  }

  /**
   * From now on, or from the event after `afterId`: then first what was missed is told. Answers how to stop, and whether the place was
   * found: of an event that is gone, or of another project, nobody knows what came after it.
   */
  async follow(scope: ProjectScope, afterId: string | null, follower: Follower): Promise<{ stop: () => void; resumed: boolean }> {
    const { now, last } = await this.db.transaction(scope, async (tx) => ({
      last: afterId === null ? null : await findEventPlace(tx, afterId),
      now: await currentEventPlace(tx),
    }))
    if (last) await this.#catchUp(scope, last, now, follower)
    const following: Following = { scope, follower, place: now }
    this.#following.add(following)
    if (!this.#running) void this.#run()
    return { stop: () => void this.#following.delete(following), resumed: last !== null }
  }

  async #catchUp(scope: ProjectScope, last: EventPlace & { createdAt: Date }, until: EventPlace, follower: Follower): Promise<void> {
    const since = addSeconds(last.createdAt, -OLDER_SECONDS)
    let place: EventPlace = last
    for (;;) {
      const range = { place, since, until, limit: PER_PAGE }
      const events = await this.db.transaction(scope, (tx) => eventsAfter(tx, range))
      if (events.length > 0) follower.onEvents(events)
      if (events.length < PER_PAGE) return
      place = events.at(-1)!
    }
  }

  async #run(): Promise<void> {
    this.#running = true
    let silent = false
    while (this.#following.size > 0) {
      try {
        await this.#look([...this.#following])
        silent = false
      } catch (error) {
        if (!silent) this.onSilent(error)
        silent = true
      }
      await sleep(POLL_MS, undefined, { ref: false })
    }
    this.#running = false
  }

  async #look(following: readonly Following[]): Promise<void> {
    const asked = following.map(({ scope: { projectId }, place }) => ({ projectId, place }))
    const { horizon, events } = await followedEvents(this.sql, asked, PER_LOOK)
    const byStream = new Map<number, typeof events>()
    for (const event of events) byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), event])
    for (const [index, one] of following.entries()) {
      const own = byStream.get(index) ?? []
      if (own.length > 0) one.follower.onEvents(own)
      // A full page may not be all there is; otherwise nothing below the horizon is left, and the next question begins there.
      one.place = own.length < PER_LOOK ? { tx: horizon, number: '-1' } : own.at(-1)!
    }
  }
}
