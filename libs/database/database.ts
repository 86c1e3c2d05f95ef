import { AuthError } from '@portico/kernel/auth-error'
import pg from 'pg'

/** A named, parametrised statement. The name makes the server keep its plan; one name belongs to one text. */
export interface Statement {
  name: string
  text: string
  values: readonly unknown[]
}

export interface DatabaseOptions {
  connectionString: string
  /** Connections at the most. */
  poolSize: number
  /** Time limit of one statement, on the server and (a little later) on our side, so that a black-holed socket ends too. */
  statementTimeoutMs?: number
  /** How long a caller waits for a connection before it is refused with `unavailable`. */
  connectTimeoutMs?: number
  applicationName: string
  /** False: commits do not wait for the disk, so the last moments before a crash of the server may be lost. For counters only. Default true. */
  durable?: boolean
  /** Called for errors of idle connections; without a listener they would end the process. */
  onIdleError?: (error: Error) => void
}

// SQLSTATE classes in which the server is away, shutting down, full or too slow: the caller may come again.
const UNAVAILABLE = /^(08|53|57P0|57014|55P03|25006|40001|40P01)/

/** True when the failure says nothing about the request: the database is lost, full or too slow. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return UNAVAILABLE.test(code) || /^E[A-Z]+$/.test(code)
  return /timeout|timed out|terminated|Connection ended|not queryable|Client was closed/i.test(error.message)
}

function translate(error: unknown): unknown {
  return isUnavailable(error) ? new AuthError('unavailable', { cause: error }) : error
}

/**
 * The pool of one process under one restricted role. It is deliberately not exported beyond this package's handles
 * (`ProjectDb`, `ProjectDirectory`, `PlatformSql`): whoever could reach it could forget the scope.
 */
export class Database {
  readonly #pool: pg.Pool

  constructor(options: DatabaseOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? 2_000
    this.#pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.poolSize,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 2_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: options.applicationName,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 10_000,
      query_timeout: statementTimeoutMs + 500,
      ...(options.durable === false && { options: '-c synchronous_commit=off' }),
    })
    this.#pool.on('error', (error) => options.onIdleError?.(error))
    // The pool listens to idle connections only. A crash of the server can reach one that is in use between two of its queries;
    // without a listener that ends the process. The next query on it fails, and `release` throws it away.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /** @internal One statement on any connection. */
  async run<R>(statement: Statement): Promise<R[]> {
    let client: pg.PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw new AuthError('unavailable', { cause: error })
    }
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

  /** @internal A connection of its own for one unit of work; `begin` is sent first, `commit` or `rollback` last. */
  async unit<T>(begin: string, work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>): Promise<T> {
    let client: pg.PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw new AuthError('unavailable', { cause: error })
    }
    let broken = false
    try {
      await client.query(begin)
      const result = await work(async <R>(statement: Statement) => (await client.query(statement as pg.QueryConfig)).rows as R[])
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
