import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BEFORE_THE_FIRST,
  eventsHandedOn,
  findEventPlaces,
  type EventPlace,
  type EventPlaces,
  type ProjectEvent,
} from '../records/event.store.js'

/** Between two questions, while somebody follows: as often as a worker hands on. */
const POLL_MS = 250
/** While somebody has much to catch up with. */
const CATCH_UP_MS = 10
const PER_FOLLOWER = 200
/** Of one question: some two megabytes. */
const PER_LOOK = 2_000

/** What a reader gives that has been told nothing yet and wants everything. */
export const FROM_THE_FIRST = '00000000-0000-0000-0000-000000000000'

export interface Follower {
  /** Whether it has taken what it was told; until then it is told nothing more, and misses nothing. */
  ready(): boolean
  /** The next in order, without those that are gone; `lastId` is the id of the last that was passed, told or not. */
  onEvents(events: readonly ProjectEvent[], lastId: string): void
}

/** `unknown`: nobody knows what came after the named event. `gone`: retention has taken some of what came after it. */
export type Missed = 'unknown' | 'gone'

export interface Followed {
  stop: () => void
  /** The id of the event after which the reader is told; `null` where that is the one that it named. */
  placeId: string | null
  missed: Missed | null
}

interface Following {
  projectId: string
  follower: Follower
  seq: string
  /** Known to the reader already. */
  exceptId: string | null
}

/**
 * Tells followers of projects what was handed on there, in that order, each event once. An event is handed on by a worker after its commit,
 * in the transaction that gives it its number in the project; so nothing comes later that stands before, on one machine and on several,
 * and no transaction holds others back. All followers of a process share one question to the database; nobody follows, nobody asks.
 */
export class EventFeed {
  /** Those that were told something last stand last. */
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

  /** From what is not handed on yet, or from what came after the event `afterId`. */
  async follow(scope: ProjectScope, afterId: string | null, follower: Follower): Promise<Followed> {
    const places = await this.db.transaction(scope, (tx) => findEventPlaces(tx, afterId))
    const { place, missed } = begin(afterId, places)
    const following: Following = { projectId: scope.projectId, follower, seq: place.seq, exceptId: afterId }
    this.#following.add(following)
    if (!this.#running) void this.#run()
    // An event that waits has no place: the reader keeps its own until something comes.
    const keeps = afterId !== null && missed === null
    return { stop: () => void this.#following.delete(following), placeId: keeps ? null : (place.eventId ?? FROM_THE_FIRST), missed }
  }

  async #run(): Promise<void> {
    this.#running = true
    let silent = false
    while (this.#following.size > 0) {
      let more = false
      try {
        more = await this.#look()
        silent = false
      } catch (error) {
        if (!silent) this.onSilent(error)
        silent = true
      }
      await sleep(more ? CATCH_UP_MS : POLL_MS, undefined, { ref: false })
    }
    this.#running = false
  }

  /** Whether there is probably more to tell. */
  async #look(): Promise<boolean> {
    const following = [...this.#following].filter(({ follower }) => follower.ready())
    if (following.length === 0) return false
    const passed = await eventsHandedOn(this.sql, following, { limit: PER_FOLLOWER, most: PER_LOOK })
    let more = false
    let sum = 0
    for (const [index, one] of following.entries()) {
      const own = passed[index]!
      const last = own.at(-1)
      if (!last) continue
      sum += own.length
      more ||= own.length >= PER_FOLLOWER
      // Who has ended meanwhile is told nothing; the others come last now, so that everybody has a turn.
      if (!this.#following.delete(one)) continue
      this.#following.add(one)
      one.seq = last.seq
      const events = own.flatMap(({ event }) => (event === null || event.id === one.exceptId ? [] : [event]))
      one.follower.onEvents(events, last.eventId)
    }
    return more || sum >= PER_LOOK
  }
}

function begin(afterId: string | null, { end, cut, named, waits }: EventPlaces): { place: EventPlace; missed: Missed | null } {
  if (afterId === null) return { place: end, missed: null }
  const place = afterId === FROM_THE_FIRST ? BEFORE_THE_FIRST : named
  // What waits comes after everything that was handed on, and some of that may wait with it.
  if (place === null) return { place: end, missed: waits ? null : 'unknown' }
  return BigInt(place.seq) < BigInt(cut.seq) ? { place: cut, missed: 'gone' } : { place, missed: null }
}
