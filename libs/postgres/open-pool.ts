import { urlsOfHosts } from '@portico/kernel/database-url'
import pg from 'pg'
import { HostsPool, requireWritable } from './hosts-pool.js'
import { LateListenerClient } from './late-listener-client.js'
import type { RolePasswords } from './role-passwords.js'
import { RolePool } from './role-pool.js'
import { REQUEST_LIMIT_MS } from './server-watch.js'
import { WatchedClient, type Watched } from './watched-client.js'
import { watchPool } from './watched-pool.js'

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
   * Milliseconds after which our side gives a statement up, so that a black-holed socket ends too. Default: a little after the server.
   */
  queryTimeoutMs?: number
  /** Sent first on each new connection. It changes the session, so only where no pooler shares sessions out. */
  sessionStatement?: string
  /** What bounds the waits of requests; without it (worker, commands) each wait has its own limit. */
  watched?: Watched
  /** Called for errors of idle connections. */
  onIdleError?: (error: Error) => void
}

/** What `prisma/roles.sql` sets as the roles' own. */
const SERVER_TIMEOUT_MS = 1_800

/** Given to one of several hosts to answer in. */
const SHORTEST_TRY_MS = 500

type Config = pg.PoolConfig & { watched?: Watched; onConnect?: (client: pg.ClientBase) => Promise<void> }

/**
 * The one place that makes connections which outlive a lost server: see LateListenerClient for what a plain pool does then. Nothing but the
 * name of the application stands among the parameters of the start: poolers refuse the rest (pgbouncer: «unsupported startup parameter»),
 * so time limits are settings of the roles.
 */
export function openPool(options: PoolOptions): pg.Pool {
  const { sessionStatement, watched } = options
  const config: Config = {
    // It is made with the configuration of the pool.
    Client: (watched ? WatchedClient : LateListenerClient) as NonNullable<pg.PoolConfig['Client']>,
    ...(watched && { watched }),
    connectionString: options.connectionString,
    max: options.size,
    connectionTimeoutMillis: options.connectTimeoutMs ?? (watched ? REQUEST_LIMIT_MS : 2_000),
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: options.applicationName,
    query_timeout: options.queryTimeoutMs ?? (watched ? REQUEST_LIMIT_MS : SERVER_TIMEOUT_MS + 200),
    ...(sessionStatement !== undefined && { onConnect: async (client: pg.ClientBase) => void (await client.query(sessionStatement)) }),
  }
  const pool = poolOf(config, options, urlsOfHosts(options.connectionString))
  if (watched) watchPool(pool, watched)
  pool.on('error', (error) => options.onIdleError?.(error))
  return pool
}

function poolOf(
  config: Config,
  { passwords }: PoolOptions,
  urls: string[],
): pg.Pool {
  if (urls.length === 1) return passwords ? new RolePool(config, passwords) : new pg.Pool(config)
  const { onConnect } = config
  const onHost = async (client: pg.ClientBase) => {
    await requireWritable(client)
    await onConnect?.(client)
  }
  // Together they may take as long as one.
  const connectionTimeoutMillis = Math.max(Math.floor((config.connectionTimeoutMillis ?? 0) / urls.length), SHORTEST_TRY_MS)
  return new HostsPool({ ...config, connectionTimeoutMillis, onConnect: onHost } as pg.PoolConfig, urls, passwords)
}
