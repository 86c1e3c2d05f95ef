import { setTimeout as sleep } from 'node:timers/promises'
import type { FollowingClock } from '@portico/kernel/clock'
import { Database, type DatabaseOptions } from './database.js'
import { PlatformSql } from './platform-sql.js'
import { CHANGE_OVERLAP_SECONDS } from './transaction-limit.js'

export interface ChangeFeedOptions extends Pick<DatabaseOptions, 'connectionString' | 'passwords' | 'watch'> {
  applicationName: string
  /** Between two looks, in milliseconds; `INTERVAL_MS` when left out. */
  intervalMs?: number | undefined
  onProjectChanged: (projectId: string) => void
  /** Sessions of the user ended, or their address or state changed, at this time of the clock of the process that did it. */
  onUserChanged?: (projectId: string, userId: string, changedAt: Date) => void
  /** More changed than one look tells: whatever was remembered before is in doubt. */
  onMissed: () => void
  /** Told PostgreSQL's time with every look. */
  clock?: FollowingClock | undefined
  /** The clock was wrong by this many milliseconds, which is worth a look at the machine. */
  onWrongClock?: (milliseconds: number) => void
  /** Before the first look: what has to be known from before. The feed counts as heard once it resolved. */
  prepare?: (sql: PlatformSql) => Promise<void>
  /** The feed fell silent; once until it is heard again. */
  onSilent?: (error: Error) => void
}

interface Page {
  as_of: Date
  complete: boolean
  changes: [id: string, projectId: string, userId: string | null, changedAt: number][]
}

/** How often every process looks for what changed elsewhere. */
export const INTERVAL_MS = 250
/** Silence after which nothing that is remembered counts without asking. */
const SILENCE_MS = 2_000
const MAX_CHANGES = 10_000
/** Monotonic clocks drift by seconds a day; what is put right beyond that was a jump, or a clock that nobody set. */
const WRONG_CLOCK_MS = 5_000

/**
 * Asks four times a second what changed, on a connection of its own, for as long as the process lives. A promise that needs no session of
 * the server's (unlike LISTEN, which a transaction pooler loses without a word) and no lock at commit (unlike NOTIFY).
 */
export class ChangeFeed {
  readonly #database: Database
  #since: Date | null = null
  #seen = new Set<string>()
  #heardAt = -Infinity
  #prepared = false
  #silent = false
  #stopped = false
  #running: Promise<void> | null = null
  #stop = new AbortController()

  constructor(private readonly options: ChangeFeedOptions) {
    this.#database = new Database({ ...options, poolSize: 1, probe: true })
  }

  /** Resolves after the first look, successful or not. */
  async start(): Promise<void> {
    await this.#look()
    this.#running = this.#run()
  }

  /** `performance.now()` of the last moment by which every change before it had arrived; `-Infinity` before there was one. */
  get heardAt(): number {
    return this.#heardAt
  }

  get heard(): boolean {
    return performance.now() - this.#heardAt < SILENCE_MS
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stop.abort()
    await this.#running
    await this.#database.close()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await sleep(this.options.intervalMs ?? INTERVAL_MS, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
      if (!this.#stopped) await this.#look()
    }
  }

  async #look(): Promise<void> {
    // Before the question: what is committed while it is asked may not be in the answer.
    const askedAt = performance.now()
    try {
      if (!this.#prepared) {
        await this.options.prepare?.(new PlatformSql(this.#database))
        this.#prepared = true
        // Not before: what had to be known may take longer than a look.
        this.options.watch?.willProbe()
      }
      const [page] = await this.#database.run<Page>({
        name: 'changes_since',
        text: 'select as_of, complete, changes from auth.changes_since($1, $2, $3)',
        values: [this.#since, CHANGE_OVERLAP_SECONDS, MAX_CHANGES],
      })
      if (!page) throw new Error('auth.changes_since answered nothing')
      const wrongBy = this.options.clock?.follow(page.as_of, askedAt, performance.now()) ?? 0
      if (Math.abs(wrongBy) > WRONG_CLOCK_MS) this.options.onWrongClock?.(wrongBy)
      this.#tell(page)
      this.#since = page.as_of
      this.#heardAt = askedAt
      this.#silent = false
    } catch (error) {
      if (!this.#silent && !this.#stopped) this.options.onSilent?.(error as Error)
      this.#silent = true
    }
  }

  #tell({ complete, changes }: Page): void {
    if (!complete) this.options.onMissed()
    const seen = new Set<string>()
    for (const [id, projectId, userId, changedAt] of changes) {
      seen.add(id)
      if (this.#seen.has(id)) continue
      if (userId === null) this.options.onProjectChanged(projectId)
      else this.options.onUserChanged?.(projectId, userId, new Date(changedAt * 1000))
    }
    // What this look did not show lies before the next one, too.
    this.#seen = seen
  }
}
