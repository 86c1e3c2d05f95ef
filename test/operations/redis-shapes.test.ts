import { randomUUID } from 'node:crypto'
import type { MailJob } from '@portico/queue/mail-job'
import { createMailQueue } from '@portico/queue/mail-queue'
import { RateLimits, type Limit } from '@portico/rate-limit/rate-limiter'
import { describe, expect, test } from 'vitest'
import { startCluster, startNode, startSentinel, type RedisShape } from '../support/redis-shapes.js'
import { freePort } from '../support/redis-server.js'
import { testRedisUrl } from '../support/redis.js'

const job = (): MailJob => ({ outboxId: randomUUID(), projectId: randomUUID() })
const LIMIT: Limit = { name: 'tried', points: 100, windowSeconds: 600 }
const OTHER: Limit = { name: 'tried_too', points: 100, windowSeconds: 600 }

/** Queue and counters as the worker and the data plane have them. */
async function start(url: string) {
  const errors: Error[] = []
  const seen = new Set<string>()
  const queue = await createMailQueue({ redisUrl: url, onError: (error) => errors.push(error) })
  const worker = queue.startWorker(async (jobs) => jobs.forEach(({ outboxId }) => seen.add(outboxId)), { concurrency: 4 })
  const changes: string[] = []
  const store = { kind: 'redis', url } as const
  const limits = new RateLimits({ store, hashKey: (subject) => subject, onStoreChange: (state) => changes.push(state) })
  await limits.ready()
  return {
    errors, seen, queue, limits, changes,
    stop: async () => {
      await worker.stop(1_000)
      await queue.close()
      await limits.close()
    },
  }
}

/** As the relay does it: what was not taken is added again. */
async function addAtLast(queue: Awaited<ReturnType<typeof start>>['queue'], jobs: MailJob[]): Promise<void> {
  await expect.poll(() => queue.add(jobs).then(() => 'added', () => 'refused'), { timeout: 30_000, interval: 100 }).toBe('added')
}

const shapes: { name: string; open: () => Promise<RedisShape>; primaryOf: (shape: RedisShape) => Promise<number> }[] = [
  {
    name: 'a cluster',
    open: startCluster,
    primaryOf: async ({ nodes }) => {
      const slot = Number(await nodes[0]!.client.cluster('KEYSLOT', '{portico}'))
      return Math.floor(slot / Math.ceil(16_384 / 3))
    },
  },
  { name: 'Sentinel', open: startSentinel, primaryOf: async () => 0 },
]

describe.skipIf(testRedisUrl() === null)('Redis in other shapes', () => {
  test.each(shapes)('$name: mails and counters work, and go on after the primary has died', async ({ open, primaryOf }) => {
    const shape = await open()
    const running = await start(shape.url)
    try {
      const { queue, limits, seen, errors, changes } = running
      const before = Array.from({ length: 60 }, job)
      await addAtLast(queue, before)
      await expect.poll(() => before.filter(({ outboxId }) => !seen.has(outboxId))).toEqual([])
      expect(errors).toEqual([])
      // Two buckets of a project and a hold are one script.
      const uses = [{ limit: LIMIT, subject: 'a' }, { limit: OTHER, subject: 'b' }]
      for (let turn = 1; turn <= 3; turn += 1) {
        for (const project of ['p1', 'p2', 'p3']) {
          expect((await limits.consumeAll(project, uses)).map(({ used }) => used)).toEqual([turn, turn])
        }
      }
      await limits.ping()
      expect(changes).toEqual([])

      await shape.nodes[await primaryOf(shape)]!.kill()
      const after = Array.from({ length: 60 }, job)
      await addAtLast(queue, after)
      await expect.poll(() => after.filter(({ outboxId }) => !seen.has(outboxId)), { timeout: 30_000 }).toEqual([])
      await expect.poll(() => limits.ping().then(() => 'up', () => 'down'), { timeout: 30_000 }).toBe('up')
      await expect.poll(() => queue.health(), { timeout: 30_000 }).toMatchObject({ ok: true })
      const shared = async () => (await limits.consumeAll('p4', uses)).every(({ limit }) => limit === 100)
      await expect.poll(shared, { timeout: 30_000 }).toBe(true)
      // An outage of seconds was told in lines that can be read.
      expect(errors.length).toBeLessThan(300)
    } finally {
      await running.stop()
      await shape.stop()
    }
  })

  test('a user with the rights that are documented is enough, and one without them is told, slowly', async () => {
    const port = await freePort()
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const node = await startNode(port, args)
    const rights = ['+@read', '+@write', '+@scripting', '+@blocking', '+@connection', '+@transaction', '+info', '-@dangerous', '+info']
    await node.client.call('ACL', 'SETUSER', 'portico', 'reset', 'on', '>good', '~{portico}:*', '~portico:limit:*', ...rights)
    await node.client.call('ACL', 'SETUSER', 'blind', 'reset', 'on', '>bad', '~other:*', ...rights)
    const good = await start(`redis://portico:good@127.0.0.1:${port}`)
    const blind = await start(`redis://blind:bad@127.0.0.1:${port}`)
    try {
      const one = job()
      await addAtLast(good.queue, [one])
      await expect.poll(() => good.seen.has(one.outboxId)).toBe(true)
      await good.limits.ping()
      expect(good.errors).toEqual([])

      await expect.poll(() => blind.errors.length).toBeGreaterThan(4)
      expect(await blind.queue.health()).toMatchObject({ ok: false })
      await expect(blind.limits.ping()).rejects.toThrow(/NOPERM/)
      // It paused after five, and BullMQ's loop alone would have asked thousands of times by the time the poll above saw them.
      expect(blind.errors.length).toBeLessThan(50)
    } finally {
      await good.stop()
      await blind.stop()
      await node.kill()
    }
  })

  test('a store that can be read and not be written is not up', async () => {
    const port = await freePort()
    // A replica whose primary is not there.
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--replicaof', '127.0.0.1', '1']
    const replica = await startNode(port, args)
    const limits = new RateLimits({ store: { kind: 'redis', url: `redis://127.0.0.1:${port}` }, hashKey: (subject) => subject })
    await limits.ready()
    await expect(limits.ping()).rejects.toThrow(/READONLY|not connected|Connection is closed|isn't writeable/)
    await limits.close()
    await replica.kill()
  })
})
