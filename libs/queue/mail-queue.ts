import { createPostgresBackend, Queue, Worker, withBackend, type PgPool } from 'bullmq'
import { openPool } from '@portico/postgres/open-pool'
import { prepareQueueSchema } from './queue-schema.js'

/** A row to send: ids, never an address, a token or rendered text. */
export interface MailJob {
  outboxId: string
  projectId: string
}

export interface MailQueueOptions {
  /** Redis or Valkey. When absent, `postgres` is used. */
  redisUrl?: string
  /** The connection of a role that owns the schema `bullmq` (it needs no right on the database). */
  postgres?: { connectionString: string }
  /** Lost connections and failed jobs, for the log. BullMQ recovers by itself; without a listener it would end the process. */
  onError: (error: Error) => void
  /** Queue name; two installations on one Redis need two names. Default `portico-mail`. */
  name?: string
}

export interface MailWorker {
  /** Takes no new job, waits up to `timeoutMs` for the running ones, then gives them up (they are picked up again later). */
  stop(timeoutMs: number): Promise<void>
}

export interface MailQueueHealth {
  backend: 'redis' | 'postgres'
  ok: boolean
  /** Bundles that wait for a worker; null when the backend did not answer. */
  waiting: number | null
}

export interface MailQueue {
  readonly backend: 'redis' | 'postgres'
  /** Adds jobs, in bundles of up to `BUNDLE_SIZE`. Rejects within 2 s when the backend is away. A row may be added twice, and delivered twice. */
  add(jobs: readonly MailJob[]): Promise<void>
  /** Runs `handler` for every bundle. A throw means «our own stores were away»: the bundle is tried again. A refused mail is no throw. */
  startWorker(handler: (jobs: readonly MailJob[]) => Promise<void>, options: { concurrency: number }): MailWorker
  health(): Promise<MailQueueHealth>
  close(): Promise<void>
}

/** Rows of one bundle: what the queue does for a job costs as much as the mail itself. */
export const BUNDLE_SIZE = 25
const DEFAULT_NAME = 'portico-mail'
const SCHEMA = 'bullmq'
const ANSWER_LIMIT_MS = 2_000
const COMMAND_LIMIT_MS = 1_000
const DISCONNECT_LIMIT_MS = 500
const FIRST_WAIT_MS = 1_500
const REOPEN_AFTER_MS = 1_000
// A killed worker's job is free again after lock + check: 10 to 20 s, so a mail still leaves within the promised 60 s.
const LOCK_MS = 10_000
const STALLED_CHECK_MS = 5_000

// The outbox row is the truth, and its lease keeps a second delivery from sending beside the first. A finished job is of no more use;
// a stalled one must come back however often it stalls (BullMQ drops it on the second stall by default).
const JOB_OPTIONS = { attempts: 5, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: true, removeOnFail: true }
const WORKER_OPTIONS = { lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS, maxStalledCount: 1_000_000, runRetryDelay: 1_000 }
const STREAMS = { events: { maxLen: 100 } }

const PostgresClasses = withBackend(createPostgresBackend)

interface Bundle {
  mails: readonly MailJob[]
}

/** The two BullMQ backends as this file needs them: constructors with the connection already chosen. */
interface Backend {
  name: 'redis' | 'postgres'
  openQueue(): Opened<QueueHandle>
  openWorker(process: (data: Bundle) => Promise<void>, concurrency: number): Opened<WorkerHandle>
}

interface Opened<T extends Handle> {
  handle: T
  /** Connections that are ours to end, once BullMQ is through with them. */
  endPool(): Promise<void>
}

interface Handle {
  on(event: 'error', listener: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
  disconnect(): Promise<void>
}

interface QueueHandle extends Handle {
  addBulk(jobs: { name: string; data: Bundle; opts: typeof JOB_OPTIONS }[]): Promise<unknown>
  count(): Promise<number>
}

interface WorkerHandle extends Handle {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown
}

/**
 * Opens the queue. On PostgreSQL the schema is brought up to date first, so this rejects while the database is away;
 * on Redis it answers after a second and a half at the latest and goes on connecting in the background.
 */
export async function createMailQueue(options: MailQueueOptions): Promise<MailQueue> {
  const backend = options.redisUrl !== undefined ? redisBackend(options.redisUrl, options) : await postgresBackend(options)
  const queue = keepOpen(() => backend.openQueue(), options.onError)
  await queue.firstReady(FIRST_WAIT_MS)

  const answer = async <T>(work: (open: QueueHandle) => Promise<T>): Promise<T> => {
    const open = queue.ready()
    // Until the first connection BullMQ would hold every call for ever, and run all of them at once afterwards.
    if (!open) throw new Error('mail queue: no connection yet')
    return within(ANSWER_LIMIT_MS, work(open))
  }

  return {
    backend: backend.name,

    async add(jobs) {
      if (jobs.length === 0) return
      const bulk: Parameters<QueueHandle['addBulk']>[0] = []
      for (let first = 0; first < jobs.length; first += BUNDLE_SIZE) {
        const mails = jobs.slice(first, first + BUNDLE_SIZE).map(({ outboxId, projectId }) => ({ outboxId, projectId }))
        bulk.push({ name: 'email', data: { mails }, opts: JOB_OPTIONS })
      }
      await answer((open) => open.addBulk(bulk))
    },

    startWorker(handler, { concurrency }) {
      const worker = keepOpen(() => {
        const opened = backend.openWorker(({ mails }) => handler(mails), concurrency)
        opened.handle.on('failed', (_job, error) => options.onError(error))
        return opened
      }, options.onError)
      // What still runs after the limit is left to the end of the process; the stall check frees its jobs.
      return { stop: (timeoutMs) => worker.close(timeoutMs) }
    },

    async health() {
      try {
        return { backend: backend.name, ok: true, waiting: await answer((open) => open.count()) }
      } catch {
        return { backend: backend.name, ok: false, waiting: null }
      }
    },

    close: () => queue.close(ANSWER_LIMIT_MS),
  }
}

/**
 * BullMQ remembers a failed first connection for ever (the promise is memoised), so a handle that never got ready is replaced.
 * After the first success it recovers by itself.
 */
function keepOpen<T extends Handle>(open: () => Opened<T>, onError: (error: Error) => void) {
  let opened: Opened<T>
  let isReady = false
  let retry: NodeJS.Timeout | undefined
  let closing = false
  let announceReady = () => {}
  const becameReady = new Promise<void>((resolve) => (announceReady = resolve))

  const attempt = () => {
    const current = open()
    opened = current
    current.handle.on('error', onError)
    current.handle.waitUntilReady().then(
      () => {
        isReady = true
        announceReady()
      },
      (error: Error) => {
        if (closing) return
        onError(error)
        current.handle
          .close()
          .catch(() => undefined)
          .then(() => current.endPool())
          .catch(() => undefined)
        retry = setTimeout(attempt, REOPEN_AFTER_MS)
      },
    )
  }
  attempt()

  return {
    ready: (): T | null => (isReady ? opened.handle : null),
    firstReady: (limitMs: number): Promise<void> => within(limitMs, becameReady).catch(() => undefined),
    /** Closing politely waits for an answer that an absent server never gives: so only up to a limit. */
    async close(timeoutMs: number): Promise<void> {
      closing = true
      clearTimeout(retry)
      try {
        await within(timeoutMs, opened.handle.close())
      } catch {
        await within(DISCONNECT_LIMIT_MS, opened.handle.disconnect()).catch(() => undefined)
      }
      await within(DISCONNECT_LIMIT_MS, opened.endPool()).catch(() => undefined)
    },
  }
}

function redisBackend(url: string, { name = DEFAULT_NAME }: MailQueueOptions): Backend {
  const base = { url, connectTimeout: 2_000, retryStrategy: (times: number) => Math.min(100 * times, 2_000) }
  const endPool = async () => undefined
  return {
    name: 'redis',
    openQueue: () => ({
      handle: new Queue<Bundle, void, string>(name, {
        // Fail at once instead of queueing in memory without a limit while Redis is away.
        connection: { ...base, enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_LIMIT_MS },
        streams: STREAMS,
      }),
      endPool,
    }),
    openWorker: (process, concurrency) => ({
      handle: new Worker<Bundle, void, string>(name, (job) => process(job.data), {
        connection: { ...base, maxRetriesPerRequest: null },
        concurrency,
        ...WORKER_OPTIONS,
      }),
      endPool,
    }),
  }
}

async function postgresBackend({ postgres, name = DEFAULT_NAME }: MailQueueOptions): Promise<Backend> {
  if (!postgres) throw new Error('mail queue: neither redisUrl nor postgres was given')
  const { connectionString } = postgres
  await prepareQueueSchema({ connectionString, schema: SCHEMA })
  // Given a pool, BullMQ takes every connection from it, the one that listens too; on its own it would make plain clients, which can end the
  // process (see LateListenerClient).
  const queuePool = (size: number) => {
    const pool = openPool({
      connectionString,
      size,
      applicationName: 'portico-queue',
      serverOptions: `-c search_path=${SCHEMA}`,
      connectTimeoutMs: ANSWER_LIMIT_MS,
      statementTimeoutMs: null,
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

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`mail queue: no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
