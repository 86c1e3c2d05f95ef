import pg from 'pg'
import { LateListenerClient } from './late-listener-client.js'
import type { RolePasswords } from './role-passwords.js'
import { RolePool } from './role-pool.js'

export interface PoolOptions {
  connectionString: string
  /** When the role may have several; then the one in the connection string is not used. */
  passwords?: RolePasswords
  /** Connections at the most. */
  size: number
  applicationName: string
  /** Milliseconds that a caller waits for a connection. */
  connectTimeoutMs?: number
  /**
   * Milliseconds of one statement, on the server; on our side half a second later, so that a black-holed socket ends too. Null: no limit
   * there.
   */
  statementTimeoutMs?: number | null
  /** Milliseconds after which our side gives a statement up. Default: half a second after the server. */
  queryTimeoutMs?: number
  /** `options` of the start-up packet, as `-c name=value`. */
  serverOptions?: string
  /** Called for errors of idle connections. */
  onIdleError?: (error: Error) => void
}

/** The one place that makes connections which outlive a lost server: see LateListenerClient for what a plain pool does then. */
export function openPool(options: PoolOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs === undefined ? 2_000 : options.statementTimeoutMs
  const config = {
    Client: LateListenerClient,
    connectionString: options.connectionString,
    max: options.size,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: options.applicationName,
    query_timeout: options.queryTimeoutMs ?? (statementTimeoutMs ?? 5_000) + 500,
    ...(statementTimeoutMs !== null && { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: 10_000 }),
    ...(options.serverOptions !== undefined && { options: options.serverOptions }),
  }
  const pool = options.passwords ? new RolePool(config, options.passwords) : new pg.Pool(config)
  pool.on('error', (error) => options.onIdleError?.(error))
  return pool
}
