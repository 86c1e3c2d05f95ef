import type { MailJob } from './mail-job.js'
import {
  ANSWER_LIMIT_MS,
  JOB_OPTIONS,
  postgresBackend,
  redisBackend,
  type Backend,
  type Bundle,
  type Handle,
  type Opened,
  type QueueHandle,
} from './queue-backends.js'
import type { QueueConnection } from './queue-schema.js'
import { slowDownOnErrors } from './slow-down-on-errors.js'

export interface MailQueueOptions {
  /** Redis or Valkey, alone, as a cluster or behind Sentinel (libs/kernel/redis-url.ts). When absent, `postgres` is used. */
  redisUrl?: string
  /** The connection of a role that owns the schema `bullmq` (it needs no right on the database). */
  postgres?: QueueConnection
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
  /**
   * Adds jobs, in bundles of up to `BUNDLE_SIZE`. Rejects within 2 s when the backend is away. A row may be added twice, and delivered
   * twice.
   */
  add(jobs: readonly MailJob[]): Promise<void>
  /** Runs `handler` for every bundle. A throw means «our own stores were away»: the bundle is tried again. A refused mail is no throw. */
  startWorker(handler: (jobs: readonly MailJob[]) => Promise<void>, options: { concurrency: number }): MailWorker
  health(): Promise<MailQueueHealth>
  close(): Promise<void>
}

/** Rows of one bundle: what the queue does for a job costs as much as the mail itself. */
const BUNDLE_SIZE = 25
const DISCONNECT_LIMIT_MS = 500
const FIRST_WAIT_MS = 1_500
const REOPEN_AFTER_MS = 1_000

/**
 * Opens the queue. On PostgreSQL the schema is brought up to date first, so this rejects while the database is away;
 * on Redis it answers after a second and a half at the latest and goes on connecting in the background.
 */
export async function createMailQueue(options: MailQueueOptions): Promise<MailQueue> {
  const backend = await openBackend(options)
  const queue = keepOpen(() => backend.openQueue(), options.onError)
  await queue.firstReady(FIRST_WAIT_MS)

  let isFailing = (): boolean => false
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
      const bulk: Bundle[] = []
      for (let first = 0; first < jobs.length; first += BUNDLE_SIZE) {
        const mails = jobs.slice(first, first + BUNDLE_SIZE).map(({ outboxId, projectId }) => ({ outboxId, projectId }))
        bulk.push({ mails })
      }
      await answer((open) => open.addBulk(bulk.map((data) => ({ name: 'email', data, opts: JOB_OPTIONS }))))
    },

    startWorker(handler, { concurrency }) {
      const worker = keepOpen(() => {
        const opened = backend.openWorker(({ mails }) => handler(mails), concurrency)
        opened.handle.on('failed', (_job, error) => options.onError(error))
        isFailing = slowDownOnErrors(opened.handle)
        return opened
      }, options.onError)
      // What still runs after the limit is left to the end of the process; the stall check frees its jobs.
      return { stop: (timeoutMs) => worker.close(timeoutMs) }
    },

    async health() {
      try {
        const waiting = await answer((open) => open.count())
        // A store that counts jobs and hands none out does not do its work.
        return isFailing() ? { backend: backend.name, ok: false, waiting } : { backend: backend.name, ok: true, waiting }
      } catch {
        return { backend: backend.name, ok: false, waiting: null }
      }
    },

    close: () => queue.close(ANSWER_LIMIT_MS),
  }
}

function openBackend({ redisUrl, postgres, name = 'portico-mail' }: MailQueueOptions): Backend | Promise<Backend> {
  if (redisUrl !== undefined) return redisBackend(redisUrl, name)
  if (!postgres) throw new Error('mail queue: neither redisUrl nor postgres was given')
  return postgresBackend(postgres, name)
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
