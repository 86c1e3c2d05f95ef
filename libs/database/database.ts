import { AuthError } from '@portico/kernel/auth-error'
import { tracing } from '@portico/kernel/tracing'
import { openPool } from '@portico/postgres/open-pool'
import type { RolePasswords } from '@portico/postgres/role-passwords'
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
  /** Called for errors of idle connections; without a listener they would end the process. */
  onIdleError?: (error: Error) => void
}

/** What a handle needs of a database: one statement, or several that must agree. */
export interface StatementRunner {
  run<R>(statement: Statement): Promise<R[]>
  unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T>
}

/** A caller is refused after this long, waiting for a connection and for the answer together (promise P6). */
const REFUSED_AFTER_MS = 2_000
/** The same while the server is suspected of being away: its last answer, or the counters', came too late. */
const SUSPECTED_MS = 900
/** So much of it is left for the answer in any case. */
const AT_LEAST_MS = 100

/** Its name is the span's; what it says and its values are nobody's business. */
const STATEMENT = { 'db.system.name': 'postgresql' }

/** Those that are put together from what is asked for have none. */
const nameOf = ({ name }: Statement): string => (name === '' ? 'search' : name)

/** Neither an answer nor a refusal came in time. */
function isSilence(error: unknown): boolean {
  return error instanceof Error && /timeout|timed out/i.test(error.message) && !(error instanceof pg.DatabaseError)
}

/** The connection, or a timeout; one that comes too late goes back to the pool. */
async function within(limitMs: number, connecting: Promise<pg.PoolClient>): Promise<pg.PoolClient> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((done) => {
    timer = setTimeout(done, limitMs, null)
  })
  const client = await Promise.race([connecting, late]).finally(() => clearTimeout(timer))
  if (client !== null) return client
  void connecting.then((unused) => unused.release()).catch(() => undefined)
  throw new Error('timeout: no connection in time')
}

function translate(error: unknown): unknown {
  return isUnavailable(error) ? new AuthError('unavailable', { cause: error }) : error
}

/**
 * The pool of one process under one restricted role. It is deliberately not exported beyond this package's handles
 * (`ProjectDb`, `ProjectDirectory`, `PlatformSql`): a caller that could reach it could forget the scope.
 */
export class Database implements StatementRunner {
  readonly #pool: pg.Pool
  readonly #limitMs: number
  #suspectedUntil = 0

  constructor(options: DatabaseOptions) {
    this.#limitMs = Math.max(REFUSED_AFTER_MS, (options.connectTimeoutMs ?? 0) + (options.statementTimeoutMs ?? 0))
    this.#pool = openPool({
      connectionString: options.connectionString,
      ...(options.passwords && { passwords: options.passwords }),
      size: options.poolSize,
      applicationName: options.applicationName,
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

  /** To be called when something else found the server silent, so that who asks next is not kept waiting for as long again. */
  suspect(): void {
    this.#suspectedUntil = performance.now() + REFUSED_AFTER_MS
  }

  async #connect(askedAt: number): Promise<pg.PoolClient> {
    try {
      const connecting = this.#pool.connect()
      // The pool has a time limit of its own.
      return await (this.#suspectedUntil > askedAt ? within(SUSPECTED_MS, connecting) : connecting)
    } catch (error) {
      if (isSilence(error)) this.suspect()
      throw new AuthError('unavailable', { cause: error })
    }
  }

  /** The statement with what is left of the caller's time; as it is when the pool's own limit is less. */
  #timed<S extends { text: string }>(statement: S, askedAt: number): S {
    const suspected = this.#suspectedUntil > askedAt
    const waited = performance.now() - askedAt
    if (!suspected && waited < AT_LEAST_MS) return statement
    return { ...statement, query_timeout: Math.max((suspected ? SUSPECTED_MS : this.#limitMs) - waited, AT_LEAST_MS) }
  }

  #answered(error?: unknown): void {
    if (error === undefined || error instanceof pg.DatabaseError) this.#suspectedUntil = 0
    else if (isSilence(error)) this.suspect()
  }

  async #run<R>(statement: Statement): Promise<R[]> {
    const askedAt = performance.now()
    const client = await this.#connect(askedAt)
    try {
      const { rows } = await client.query(this.#timed(statement, askedAt) as pg.QueryConfig)
      client.release()
      this.#answered()
      return rows as R[]
    } catch (error) {
      this.#answered(error)
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
    const askedAt = performance.now()
    const client = await this.#connect(askedAt)
    let broken = false
    try {
      await client.query(this.#timed({ text: begin }, askedAt))
      this.#answered()
      const begunAt = performance.now()
      const result = await work(async <R>(statement: Statement) => (await client.query(statement as pg.QueryConfig)).rows as R[])
      if (performance.now() - begunAt > TRANSACTION_LIMIT_MS) throw new AuthError('unavailable')
      await client.query('commit')
      return result
    } catch (error) {
      if (!(error instanceof AuthError)) this.#answered(error)
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
