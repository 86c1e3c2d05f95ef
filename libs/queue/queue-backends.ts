import { createPostgresBackend, Queue, Worker, withBackend, type PgPool } from 'bullmq'
import { openPool } from '@portico/postgres/open-pool'
import type { MailJob } from './mail-job.js'
import { prepareQueueSchema, type QueueConnection } from './queue-schema.js'

/** How long a caller waits for the store of the queue. */
export const ANSWER_LIMIT_MS = 2_000
const COMMAND_LIMIT_MS = 1_000
const SCHEMA = 'bullmq'
/** The braces keep a queue in one slot of a Redis cluster: BullMQ's scripts touch many of its keys at once. */
const PREFIX = '{portico}'
// A killed worker's job is free again after lock + check: 10 to 20 s, so a mail still leaves within the promised 60 s.
const LOCK_MS = 10_000
const STALLED_CHECK_MS = 5_000

// The outbox row is the truth, and its lease keeps a second delivery from sending beside the first. A finished job is of no more use;
// a stalled one must come back however often it stalls (BullMQ drops it on the second stall by default).
export const JOB_OPTIONS = { attempts: 5, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: true, removeOnFail: true }
const WORKER_OPTIONS = { lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS, maxStalledCount: 1_000_000, runRetryDelay: 1_000 }
const STREAMS = { events: { maxLen: 100 } }

const PostgresClasses = withBackend(createPostgresBackend)

export interface Bundle {
  mails: readonly MailJob[]
}

/** The two BullMQ backends as this file needs them: constructors with the connection already chosen. */
export interface Backend {
  name: 'redis' | 'postgres'
  openQueue(): Opened<QueueHandle>
  openWorker(process: (data: Bundle) => Promise<void>, concurrency: number): Opened<WorkerHandle>
}

export interface Opened<T extends Handle> {
  handle: T
  /** Connections that are ours to end, once BullMQ is through with them. */
  endPool(): Promise<void>
}

export interface Handle {
  on(event: 'error', listener: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
  disconnect(): Promise<void>
}

export interface QueueHandle extends Handle {
  addBulk(jobs: { name: string; data: Bundle; opts: typeof JOB_OPTIONS }[]): Promise<unknown>
  count(): Promise<number>
}

export interface WorkerHandle extends Handle {
  pause(doNotWaitActive: boolean): Promise<unknown>
  resume(): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown
}

export async function redisBackend(url: string, name: string): Promise<Backend> {
  // Loaded here: a worker whose queue is in PostgreSQL does not pay for it.
  const { openRedis } = await import('@portico/redis/open-redis')
  const base = { connectTimeoutMs: 2_000, retryAtMostMs: 2_000 }
  return {
    name: 'redis',
    openQueue: () => {
      // Fail at once instead of queueing in memory without a limit while Redis is away.
      const limits = { retriesPerCommand: 1, commandTimeoutMs: COMMAND_LIMIT_MS }
      const connection = openRedis(url, { ...base, ...limits, connectionName: 'portico-queue' })
      const handle = new Queue<Bundle, void, string>(name, { connection, prefix: PREFIX, streams: STREAMS })
      return { handle, endPool: async () => connection.disconnect() }
    },
    openWorker: (process, concurrency) => {
      // BullMQ takes copies of it, one for work and one that waits for jobs, and ends those itself.
      const connection = openRedis(url, { ...base, retriesPerCommand: null, lazy: true, connectionName: 'portico-worker' })
      const options = { connection, concurrency, prefix: PREFIX, ...WORKER_OPTIONS }
      const handle = new Worker<Bundle, void, string>(name, (job) => process(job.data), options)
      return { handle, endPool: async () => connection.disconnect() }
    },
  }
}

export async function postgresBackend(connection: QueueConnection, name: string): Promise<Backend> {
  await prepareQueueSchema({ ...connection, schema: SCHEMA })
  // Given a pool, BullMQ takes every connection from it, the one that listens too; on its own it would make plain clients, which can end
  // the process (see LateListenerClient).
  const queuePool = (size: number) => {
    const pool = openPool({
      ...connection,
      size,
      applicationName: 'portico-queue',
      // BullMQ names its tables without their schema, and listens: its connections are sessions of their own (DATABASE_DIRECT_URL).
      sessionStatement: `set search_path = ${SCHEMA}; set statement_timeout = 0`,
      connectTimeoutMs: ANSWER_LIMIT_MS,
      queryTimeoutMs: 5_000,
    })
    // BullMQ describes a pool by an interface of its own, which a real one fits and its types do not.
    return { connection: pool as unknown as PgPool, endPool: () => pool.end() }
  }
  return {
    name: 'postgres',
    openQueue: () => {
      const { connection, endPool } = queuePool(2)
      return { handle: new PostgresClasses.Queue<Bundle, void, string>(name, { connection, streams: STREAMS }), endPool }
    },
    openWorker: (process, concurrency) => {
      const { connection, endPool } = queuePool(Math.min(concurrency + 1, 8) + 1)
      const options = { connection, concurrency, ...WORKER_OPTIONS }
      return { handle: new PostgresClasses.Worker<Bundle, void, string>(name, (job) => process(job.data), options), endPool }
    },
  }
}
