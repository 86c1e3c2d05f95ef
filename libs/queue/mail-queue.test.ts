import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startFaultProxy } from '../../test/faults/fault-proxy.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js'
import { startRedis } from '../../test/support/redis-server.js'
import { testRedisUrl } from '../../test/support/redis.js'
import { createMailQueue, type MailQueue, type MailQueueOptions, type MailWorker } from './mail-queue.js'
import type { MailJob } from './mail-job.js'

let database: TestDatabase
// It owns the schema and has no right on the database.
let workerUrl: string
beforeAll(async () => {
  database = await createTestDatabase()
  workerUrl = database.roleUrl('portico_worker')
})
afterAll(() => database.drop())

const redisUrl = testRedisUrl()
const open: (MailQueue | { close(): Promise<void> })[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

const job = (): MailJob => ({ outboxId: randomUUID(), projectId: randomUUID() })

async function openQueue(options: Omit<MailQueueOptions, 'onError' | 'name'>, onError: (error: Error) => void = () => undefined) {
  const queue = await createMailQueue({ ...options, onError, name: `test-${randomUUID()}` })
  open.push(queue)
  return queue
}

function work(queue: MailQueue, handler: (job: MailJob) => Promise<void>, concurrency = 4): MailWorker {
  const worker = queue.startWorker(
    async (jobs) => {
      for (const each of jobs) await handler(each)
    },
    { concurrency },
  )
  open.push({ close: () => worker.stop(1_000) })
  return worker
}

async function untilReady(queue: MailQueue) {
  await vi.waitFor(async () => expect((await queue.health()).ok).toBe(true), { timeout: 10_000, interval: 50 })
}

const backends = [
  { name: 'postgres', skip: false, options: () => ({ postgres: { connectionString: workerUrl } }) },
  { name: 'redis', skip: redisUrl === null, options: () => ({ redisUrl: redisUrl ?? '' }) },
] as const

for (const backend of backends) {
  describe.skipIf(backend.skip)(`on ${backend.name}`, () => {
    test('every job reaches the worker, with its ids and nothing else', async () => {
      const queue = await openQueue(backend.options())
      await untilReady(queue)
      const jobs = Array.from({ length: 50 }, job)
      await queue.add(jobs)
      const seen: MailJob[] = []
      work(queue, async (data) => void seen.push(data))
      await vi.waitFor(() => expect(seen).toHaveLength(50), { timeout: 10_000 })
      const byId = (list: MailJob[]) => list.toSorted((a, b) => a.outboxId.localeCompare(b.outboxId))
      expect(byId(seen)).toEqual(byId(jobs))
      await vi.waitFor(async () => expect(await queue.health()).toEqual({ backend: backend.name, ok: true, waiting: 0 }), {
        timeout: 10_000,
      })
    })

    test('many rows travel together, so that what the queue costs is shared', async () => {
      const queue = await openQueue(backend.options())
      await untilReady(queue)
      await queue.add(Array.from({ length: 60 }, job))
      expect((await queue.health()).waiting).toBe(3)
      const sizes: number[] = []
      const worker = queue.startWorker(async (jobs) => void sizes.push(jobs.length), { concurrency: 1 })
      open.push({ close: () => worker.stop(1_000) })
      await vi.waitFor(() => expect(sizes).toEqual([25, 25, 10]), { timeout: 10_000 })
    })

    test('a row can be handed over again at any time', async () => {
      const queue = await openQueue(backend.options())
      await untilReady(queue)
      const one = job()
      await queue.add([one])
      let runs = 0
      work(queue, async () => void (runs += 1))
      await vi.waitFor(() => expect(runs).toBe(1), { timeout: 10_000 })
      await queue.add([one])
      await vi.waitFor(() => expect(runs).toBe(2), { timeout: 10_000 })
    })

    test('a job whose handler fails is tried again, and its id is free after the last try', async () => {
      const errors: Error[] = []
      const queue = await openQueue(backend.options(), (error) => errors.push(error))
      await untilReady(queue)
      const one = job()
      let runs = 0
      work(queue, async () => {
        runs += 1
        if (runs < 3) throw new Error('database away')
      })
      await queue.add([one])
      await vi.waitFor(() => expect(runs).toBe(3), { timeout: 10_000 })
      expect(errors.map((error) => error.message)).toContain('database away')
      await queue.add([one])
      await vi.waitFor(() => expect(runs).toBe(4), { timeout: 10_000 })
    })

    test('stopping waits for the running job and takes no new one', async () => {
      const queue = await openQueue(backend.options())
      await untilReady(queue)
      const finished: string[] = []
      const started: string[] = []
      const worker = work(
        queue,
        async ({ outboxId }) => {
          started.push(outboxId)
          await sleep(300)
          finished.push(outboxId)
        },
        1,
      )
      for (let count = 0; count < 3; count += 1) await queue.add([job()])
      await vi.waitFor(() => expect(started).toHaveLength(1), { timeout: 10_000 })
      await worker.stop(5_000)
      expect(finished).toEqual(started)
      await sleep(400)
      expect(started.length).toBeLessThan(3)
      expect((await queue.health()).waiting).toBe(3 - started.length)
    })
  })
}

describe.skipIf(redisUrl === null)('while Redis is away', () => {
  test('adding fails within two seconds instead of waiting, and everything works again when it is back, empty', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portico-queue-'))
    const first = await startRedis({ dir })
    if (!first) throw new Error('no redis-server')
    const queue = await openQueue({ redisUrl: first.url })
    const seen: string[] = []
    work(queue, async ({ outboxId }) => void seen.push(outboxId))
    await untilReady(queue)
    const before = job()
    await queue.add([before])
    await vi.waitFor(() => expect(seen).toEqual([before.outboxId]), { timeout: 10_000 })

    await first.stop()
    const since = Date.now()
    await expect(queue.add([job()])).rejects.toThrow()
    expect(Date.now() - since).toBeLessThan(2_500)
    expect(await queue.health()).toEqual({ backend: 'redis', ok: false, waiting: null })

    const second = await startRedis({ dir, port: first.port })
    await untilReady(queue)
    const after = job()
    await queue.add([after])
    await vi.waitFor(() => expect(seen).toContain(after.outboxId), { timeout: 12_000 })
    await second?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  test('a start without Redis does not fail, add refuses at once, and close returns', async () => {
    const queue = await openQueue({ redisUrl: 'redis://127.0.0.1:1' })
    work(queue, async () => undefined)
    await expect(queue.add([job()])).rejects.toThrow('no connection yet')
    const since = Date.now()
    await queue.close()
    expect(Date.now() - since).toBeLessThan(3_500)
  })
})

// «Ready» and «terminated» in one packet: the caller that asked for the connection has had no time to listen for its end.
test.each([1, 2, 3, 4])('connections that PostgreSQL ends with their answer %i neither end the process nor stop the mail', async (answer) => {
  const target = new URL(workerUrl)
  const proxy = await startFaultProxy({ host: target.hostname, port: Number(target.port) })
  open.push(proxy)
  target.host = `127.0.0.1:${proxy.port}`
  await openQueue({ postgres: { connectionString: workerUrl } })
  let errors = 0
  const queue = await openQueue({ postgres: { connectionString: target.href } }, () => (errors += 1))
  await untilReady(queue)
  proxy.cutAll()
  proxy.set({ kind: 'terminate_with', answer })
  const seen: string[] = []
  work(queue, async ({ outboxId }) => void seen.push(outboxId))
  const before = errors
  await vi.waitFor(() => expect(errors).toBeGreaterThan(before + 2), { timeout: 15_000, interval: 50 })
  proxy.set({ kind: 'none' })
  await untilReady(queue)
  const one = job()
  await queue.add([one])
  await vi.waitFor(() => expect(seen).toEqual([one.outboxId]), { timeout: 10_000 })
})

test('neither backend given is refused', async () => {
  await expect(createMailQueue({ onError: () => undefined })).rejects.toThrow('neither')
})
