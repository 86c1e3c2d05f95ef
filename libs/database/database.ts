import { AuthError } from '@portico/kernel/auth-error'
import { tracing } from '@portico/kernel/tracing'
import { openPool } from '@portico/postgres/open-pool'
import type { RolePasswords } from '@portico/postgres/role-passwords'
import type { ServerWatch } from '@portico/postgres/server-watch'
import type { Statement } from '@portico/postgres/statement'
import { isUnavailable } from '@portico/postgres/unavailable'
import pg from 'pg'
import { TRANSACTION_LIMIT_MS } from './transaction-limit.js'

export interface DatabaseOptions {
  connectionString: string
  /** When the role may have several, while the master key is rotated. */
  passwords?: RolePasswords
  /** Connections at the most. */
  poolSize: number
  /** Another time limit of one statement than the role's. It changes the session, so only on connections without a pooler. */
  statementTimeoutMs?: number
  /** How long a caller waits for a connection before it is refused with `unavailable`. */
  connectTimeoutMs?: number
  applicationName: string
  /** What is known of the server, and what each request may wait for it; without it (worker, commands) each wait has its own limit. */
  watch?: ServerWatch
  /** The one that finds a lost server back; all others are refused at once until then. */
  probe?: boolean
  /** Called for errors of idle connections; without a listener they would end the process. */
  onIdleError?: (error: Error) => void
}

/** What a handle needs of a database: one statement, or several that must agree. */
export interface StatementRunner {
  run<R>(statement: Statement): Promise<R[]>
  unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T>
}

/** Its name is the span's; what it says and its values are nobody's business. */
const STATEMENT = { 'db.system.name': 'postgresql' }

/** Those that are put together from what is asked for have none. */
const nameOf = ({ name }: Statement): string => (name === '' ? 'search' : name)

function translate(error: unknown): unknown {
  return isUnavailable(error) ? new AuthError('unavailable', { cause: error }) : error
}

/**
 * The pool of one process under one restricted role. It is deliberately not exported beyond this package's handles
 * (`ProjectDb`, `ProjectDirectory`, `PlatformSql`): a caller that could reach it could forget the scope.
 */
export class Database implements StatementRunner {
  readonly #pool: pg.Pool
  readonly #watch: ServerWatch | undefined

  constructor(options: DatabaseOptions) {
    const { watch, probe = false } = options
    this.#watch = watch
    this.#pool = openPool({
      connectionString: options.connectionString,
      ...(options.passwords && { passwords: options.passwords }),
      size: options.poolSize,
      applicationName: options.applicationName,
      ...(watch && { watched: { watch, probe } }),
      ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
      ...(options.statementTimeoutMs !== undefined && {
        sessionStatement: `set statement_timeout = ${options.statementTimeoutMs}`,
        queryTimeoutMs: options.statementTimeoutMs + 500,
      }),
      ...(options.onIdleError && { onIdleError: options.onIdleError }),
    })
  }

  /** @internal One statement on any connection. */
  run<R>(statement: Statement): Promise<R[]> {
    const traces = tracing()
    if (traces === null) return this.#run(statement)
    return traces.child(nameOf(statement), 'client', STATEMENT, () => this.#run<R>(statement))
  }

  /** For what would be in vain without a database, as a hash of a password. Throws `unavailable` while it is known to be away. */
  requireThere(): void {
    try {
      this.#watch?.requireThere()
    } catch (error) {
      throw translate(error)
    }
  }

  /** A caller gave a wait up that is still going on here, and goes on itself. */
  wasSlow(milliseconds: number): void {
    this.#watch?.wasSlow(milliseconds)
  }

  /** For work that several requests wait for: on nobody's time. Each of them waits by `waiting`. */
  shared<T>(work: () => Promise<T>): Promise<T> {
    return this.#watch ? this.#watch.outside(work) : work()
  }

  /** A wait for shared work, on the time of the request that the caller is in. */
  waiting<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#watch) return work()
    return this.#watch.waiting(work).catch((error: unknown) => {
      throw translate(error)
    })
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw new AuthError('unavailable', { cause: error })
    }
  }

  async #run<R>(statement: Statement): Promise<R[]> {
    const client = await this.#connect()
    try {
      const { rows } = await client.query(statement as pg.QueryConfig)
      client.release()
      return rows as R[]
    } catch (error) {
      // A refusal by the server leaves the connection usable; anything else (time limit, cut socket) does not.
      client.release(!(error instanceof pg.DatabaseError) || isUnavailable(error))
      throw translate(error)
    }
  }

  /**
   * @internal A connection of its own for one unit of work; `begin` is sent first, `commit` or `rollback` last. One that takes longer than
   * the limit of transactions is not committed: readers of the change feed rely on it.
   */
  unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T> {
    const traces = tracing()
    if (traces === null) return this.#unit(begin, work)
    // From the wait for a connection to the commit, with the statements inside.
    return traces.child('transaction', 'client', STATEMENT, () =>
      this.#unit(begin, (query) =>
        work(<R>(statement: Statement) => traces.child(nameOf(statement), 'client', STATEMENT, () => query<R>(statement))),
      ),
    )
  }

  async #unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T> {
    const client = await this.#connect()
    let broken = false
    try {
      await client.query(begin)
      const begunAt = performance.now()
      const result = await work(async <R>(statement: Statement) => (await client.query(statement as pg.QueryConfig)).rows as R[])
      if (performance.now() - begunAt > TRANSACTION_LIMIT_MS) throw new AuthError('unavailable')
      await client.query('commit')
      return result
    } catch (error) {
      broken = error instanceof Error && !(error instanceof AuthError) && (!(error instanceof pg.DatabaseError) || isUnavailable(error))
      if (!broken) {
        await client.query('rollback').catch(() => {
          broken = true
        })
      }
      throw translate(error)
    } finally {
      client.release(broken)
    }
  }

  /** Answers within the time limits or throws `unavailable`. */
  async ping(): Promise<void> {
    await this.run({ name: 'ping', text: 'select 1', values: [] })
  }

  /** Connections for the metrics page. */
  stats(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
