import { AuthError } from '@portico/kernel/auth-error'
import type { Statement } from '@portico/postgres/statement'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, StatementRunner } from './database.js'

export interface ReadReplicaOptions {
  /** How long a question waits for the copy to have what the primary has (50 ms); then the primary is asked. */
  waitMs?: number
  /** Between two looks at a copy that is not used, in milliseconds (1,000). */
  lookEveryMs?: number
  /** It is used, or it is not and why. */
  onChange?: (state: 'used' | 'lagging' | 'away', cause?: unknown) => void
}

/** Everything that was acknowledged lies before it in the log; no table is read for it. */
const WRITTEN: Statement = { name: 'wal_written', text: 'select pg_current_wal_flush_lsn()::text as place', values: [] }
const REPLAYED = { name: 'wal_replayed', text: 'select not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= $1::pg_lsn as whole' }
const FIRST_PAUSE_MS = 2

/**
 * Reads from a copy of the database, and from the database itself while the copy is away, lags or fails at it: for lists and figures, never
 * for whether somebody may sign in or what a key may do. What was acknowledged before the question is in the answer, by whichever process:
 * the primary is asked for its place in the log, and the copy is read when it has come so far. Whoever makes a project and lists finds it.
 */
export class ReadReplica implements StatementRunner {
  readonly #waitMs: number
  readonly #lookEveryMs: number
  readonly #onChange: (state: 'used' | 'lagging' | 'away', cause?: unknown) => void
  #state: 'used' | 'lagging' | 'away' | null = null
  #lookedAt = -Infinity
  #looking: Promise<void> | null = null

  constructor(
    private readonly replica: Database,
    private readonly primary: Database,
    options: ReadReplicaOptions = {},
  ) {
    this.#waitMs = options.waitMs ?? 50
    this.#lookEveryMs = options.lookEveryMs ?? 1_000
    this.#onChange = options.onChange ?? (() => undefined)
  }

  run<R>(statement: Statement): Promise<R[]> {
    const ask = (database: Database) => () => database.run<R>(statement)
    return this.read(ask(this.replica), ask(this.primary))
  }

  unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T> {
    const ask = (database: Database) => () => database.unit(begin, work)
    return this.read(ask(this.replica), ask(this.primary))
  }

  /** The same question to the one or the other. */
  async read<T>(fromReplica: () => Promise<T>, fromPrimary: () => Promise<T>): Promise<T> {
    if (!(await this.#isWhole())) return fromPrimary()
    try {
      return await fromReplica()
    } catch (error) {
      // What the domain refuses, it refuses there too.
      if (error instanceof AuthError && error.code !== 'unavailable') throw error
      // A copy that just went, or that lacks what a migration has just made. Nothing was written, so it can be asked again.
      if (error instanceof AuthError) this.#became('away', error)
      return fromPrimary()
    }
  }

  async #isWhole(): Promise<boolean> {
    if (this.#state === 'used') await this.#look()
    else if (performance.now() - this.#lookedAt > this.#lookEveryMs) {
      const look = (this.#looking ??= this.#look().finally(() => (this.#looking = null)))
      // Only the first callers of all wait: a copy that hangs or lags must not hold anybody up.
      if (this.#state === null) await look
      else return false
    }
    return this.#state === 'used'
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now()
    try {
      const [written] = await this.primary.run<{ place: string }>(WRITTEN)
      this.#became((await this.#hasReplayed(written!.place)) ? 'used' : 'lagging')
    } catch (error) {
      this.#became('away', error)
    }
  }

  async #hasReplayed(place: string): Promise<boolean> {
    const until = performance.now() + this.#waitMs
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
      const [replayed] = await this.replica.run<{ whole: boolean | null }>({ ...REPLAYED, values: [place] })
      if (replayed?.whole === true) return true
      const left = until - performance.now()
      if (left <= 0) return false
      await sleep(Math.min(pause, left))
    }
  }

  #became(state: 'used' | 'lagging' | 'away', cause?: unknown): void {
    if (this.#state === state) return
    this.#state = state
    this.#onChange(state, cause)
  }
}
