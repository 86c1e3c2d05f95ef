import { readFileSync } from 'node:fs'
import { parseRedisUrl, type RedisAddress } from '@portico/kernel/redis-url'
import { Cluster, Redis } from 'ioredis'
import type { Client } from './client.js'

export interface RedisOptions {
  connectionName: string
  connectTimeoutMs: number
  /** Of one command; unset for those that wait on purpose. */
  commandTimeoutMs?: number
  /** `null`: a command waits for its connection, for as long as it takes. Otherwise it fails at once, and the caller falls back. */
  retriesPerCommand: number | null
  /** Longest wait between two tries to connect. */
  retryAtMostMs: number
  autoPipelining?: boolean
  /** Connects when it is first asked to: what is only there to be copied never does. */
  lazy?: boolean
}

const TRY_AGAIN_MS = 100

/**
 * The one place that connects to Redis or Valkey: alone, as a cluster, or behind Sentinel. Such a client never gives up, and an error
 * listener is attached already: without one a lost connection would end the process.
 */
export function openRedis(url: string, options: RedisOptions): Client {
  const address = parseRedisUrl(url)
  if (address === null) throw new Error('not an address of Redis')
  const client = connect(address, options)
  client.on('error', () => undefined)
  return client
}

function connect(address: RedisAddress, options: RedisOptions): Client {
  const { hosts, kind, db, master, sentinelPassword } = address
  const waits = options.retriesPerCommand === null
  const retryStrategy = (tries: number): number => Math.min(tries * TRY_AGAIN_MS, options.retryAtMostMs)
  const common = {
    ...credentials(address),
    connectionName: options.connectionName,
    connectTimeout: options.connectTimeoutMs,
    ...(options.commandTimeoutMs !== undefined && { commandTimeout: options.commandTimeoutMs }),
    maxRetriesPerRequest: options.retriesPerCommand,
    autoResendUnfulfilledCommands: waits,
    // A primary that became a replica refuses writes until the connection is made anew: at once, and to whoever is the primary now.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
  const own = { enableOfflineQueue: waits, enableAutoPipelining: options.autoPipelining ?? false, lazyConnect: options.lazy ?? false }
  if (kind === 'cluster')
    return new Cluster(hosts, {
      ...own,
      redisOptions: common,
      clusterRetryStrategy: retryStrategy,
      slotsRefreshTimeout: options.connectTimeoutMs,
      // Certificates name hosts, and a cluster with names announces them: an address is not looked up to something else.
      ...(address.tls && { dnsLookup: (host: string, done: (error: Error | null, host: string) => void) => done(null, host) }),
    })
  if (kind === 'single') return new Redis({ ...common, ...own, ...hosts[0], db, retryStrategy })
  return new Redis({
    ...common,
    ...own,
    sentinels: hosts,
    name: master,
    db,
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(address.tls && { sentinelTLS: tlsOf(address), enableTLSForSentinelMode: true }),
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
  })
}

function credentials(address: RedisAddress): { username?: string; password?: string; tls?: object } {
  const { username, password, tls } = address
  return { ...(username !== null && { username }), ...(password !== null && { password }), ...(tls && { tls: tlsOf(address) }) }
}

/** Read at every start, so that a renewed authority counts from the next one. Certificate and name are always verified. */
function tlsOf({ caFile }: RedisAddress): { ca?: string } {
  return caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') }
}
