import { AuthError } from '@portico/kernel/auth-error'
import type { Statement } from '@portico/postgres/statement'
import type { Database, StatementRunner } from './database.js'

export interface ReadReplicaOptions {
  /** Seconds that it may lag behind (5); with more the primary is asked. */
  lagSeconds?: number
  /** Between two looks at it, in milliseconds (1,000). */
  lookEveryMs?: number
  /** It is used, or it is not and why. */
  onChange?: (state: 'used' | 'lagging' | 'away', cause?: unknown) => void
}

/**
 * A standby whose receiver runs and that has replayed what it received lags by nothing, however long nothing was written; any other by the
 * age of the last transaction that it replayed.
 */
const LAG = `select case when not pg_is_in_recovery() then 0
  when exists (select from pg_stat_wal_receiver) and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
  else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end::float8 as lag`

/**
 * Reads from a copy of the database, and from the database itself while the copy is away, lags or fails at it: for lists and figures, which
 * may be a moment old. Never for whether somebody may sign in or what a key may do.
 */
export class ReadReplica implements StatementRunner {
  readonly #lagSeconds: number
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
    this.#lagSeconds = options.lagSeconds ?? 5
    this.#lookEveryMs = options.lookEveryMs ?? 1_000
    this.#onChange = options.onChange ?? (() => undefined)
  }

  run<R>(statement: Statement): Promise<R[]> {
    return this.#read((database) => database.run<R>(statement))
  }

  unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T> {
    return this.#read((database) => database.unit(begin, work))
  }

  async #read<T>(ask: (database: Database) => Promise<T>): Promise<T> {
    if (performance.now() - this.#lookedAt > this.#lookEveryMs) {
      const look = (this.#looking ??= this.#look().finally(() => (this.#looking = null)))
      // Only the first caller of all waits: a copy that hangs must not hold anybody up.
      if (this.#state === null) await look
    }
    if (this.#state !== 'used') return ask(this.primary)
    try {
      return await ask(this.replica)
    } catch (error) {
      // What the domain refuses, it refuses there too.
      if (error instanceof AuthError && error.code !== 'unavailable') throw error
      // A copy that just went, or that lacks what a migration has just made. Nothing was written, so it can be asked again.
      if (error instanceof AuthError) this.#became('away', error)
      return ask(this.primary)
    }
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now()
    try {
      const [row] = await this.replica.run<{ lag: number | null }>({ name: 'replica_lag', text: LAG, values: [] })
      const lag = row?.lag ?? Infinity
      this.#became(lag <= this.#lagSeconds ? 'used' : 'lagging')
    } catch (error) {
      this.#became('away', error)
    }
  }

  #became(state: 'used' | 'lagging' | 'away', cause?: unknown): void {
    if (this.#state === state) return
    this.#state = state
    this.#onChange(state, cause)
  }
}
