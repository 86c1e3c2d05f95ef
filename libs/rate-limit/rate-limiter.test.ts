import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MovableClock } from '@portico/kernel/clock'
import { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js'
import { testRedisUrl } from '../../test/support/redis.js'
import { freePort, startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { DEFAULT_LOGIN_LIMITS, LoginThrottle } from './progressive-delay.js'
import { RateLimits, type Limit, type RateLimitsOptions } from './rate-limiter.js'

/** The same numbers in every run (mulberry32). */
function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const hashKey = (subject: string): string => createHash('sha256').update(subject).digest('base64url')
const limit: Limit = { name: 'signup', points: 3, windowSeconds: 60 }

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = new Pool({ connectionString: database.roleUrl('portico_data'), max: 10 })
  pool.on('error', () => undefined)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const query = async (statement: { name: string; text: string; values: unknown[] }) =>
  (await pool.query<Record<string, unknown>>(statement)).rows
const redisUrl = testRedisUrl()
const stores: [string, RateLimitsOptions['store']][] = [['postgres', { kind: 'postgres', query }]]
if (redisUrl) stores.push(['redis', { kind: 'redis', url: redisUrl }])

describe.each(stores)('counters in %s', (_name, store) => {
  let clock: MovableClock
  let limits: RateLimits
  let other: RateLimits
  let scope = 0
  let project: string

  beforeEach(async () => {
    clock = new MovableClock()
    limits = new RateLimits({ store, hashKey, clock })
    other = new RateLimits({ store, hashKey, clock })
    await Promise.all([limits.ready(), other.ready()])
    project = `project-${(scope += 1)}`
    return () => {
      limits.close()
      other.close()
    }
  })

  test('a bucket is full after its points, in every process, and empties after its window', async () => {
    expect(await limits.consume(project, limit, 'a')).toMatchObject({ allowed: true, limit: 3, remaining: 2, resetSeconds: 60 })
    expect(await other.consume(project, limit, 'a')).toMatchObject({ allowed: true, remaining: 1 })
    expect(await limits.consume(project, limit, 'a')).toMatchObject({ allowed: true, remaining: 0 })
    clock.advanceSeconds(20)
    expect(await other.consume(project, limit, 'a')).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 40 })
    clock.advanceSeconds(40)
    expect(await limits.consume(project, limit, 'a')).toMatchObject({ allowed: true, remaining: 2 })
  })

  test('projects, limits and subjects do not share a bucket', async () => {
    for (let i = 0; i < 4; i += 1) await limits.consume(project, limit, 'a')
    expect((await limits.consume(`${project}x`, limit, 'a')).allowed).toBe(true)
    expect((await limits.consume(project, { ...limit, name: 'reset' }, 'a')).allowed).toBe(true)
    expect((await limits.consume(project, limit, 'b')).allowed).toBe(true)
    expect((await limits.consume(project, limit, 'a')).allowed).toBe(false)
  })

  test('several buckets are charged at once and answered in order', async () => {
    const wide = { name: 'wide', points: 100, windowSeconds: 10 }
    const [narrow, broad] = await limits.consumeAll(project, [
      { limit, subject: 'z' },
      { limit: wide, subject: 'a', cost: 5 },
    ])
    expect(narrow).toMatchObject({ limit: 3, used: 1 })
    expect(broad).toMatchObject({ limit: 100, used: 5, resetSeconds: 10 })
  })

  test('many callers at once get what they would have got one after another', async () => {
    const random = pseudoRandom(7)
    const pick = (n: number) => Math.floor(random() * n)
    for (let round = 0; round < 12; round += 1) {
      // Whose bucket, at what cost, under which hold. Some holds are on; half of the buckets are not new.
      const calls = Array.from({ length: 2 + pick(60) }, () => ({
        uses: Array.from({ length: 1 + pick(2) }, (_, use) => ({
          limit: { name: `limit${use}`, points: 12, windowSeconds: 60 },
          subject: `s${pick(5)}`,
          cost: 1 + pick(3),
        })),
        hold: pick(3) === 0 ? { name: 'hold', subject: `h${pick(3)}` } : null,
      }))
      const [together, inTurn] = [`${project}-${round}-a`, `${project}-${round}-b`]
      for (const scopeOfBoth of [together, inTurn]) {
        for (const subject of ['s0', 's1'])
          await limits.penalty(scopeOfBoth, { name: 'limit0', points: 12, windowSeconds: 5 + round * 10 }, subject, 2)
        await limits.hold(scopeOfBoth, 'hold', 'h0', 30)
        await limits.hold(scopeOfBoth, 'hold', 'h1', 3)
      }
      clock.advanceSeconds(10)
      const expected: unknown[] = []
      for (const call of calls) expected.push(await limits.consumeUnlessHeld(inTurn, call.uses, call.hold))
      // In this order within one process: exactly alike, caller by caller.
      expect(await Promise.all(calls.map((call) => limits.consumeUnlessHeld(together, call.uses, call.hold)))).toEqual(expected)
    }
  })

  test('over two processes, callers at once get the same results in some order', async () => {
    const calls = Array.from({ length: 120 }, (_, i) => ({ uses: [{ limit: { ...limit, points: 50 }, subject: `s${i % 3}` }], hold: null }))
    const seen = await Promise.all(calls.map((call, i) => (i % 2 ? limits : other).consumeUnlessHeld(project, call.uses, call.hold)))
    const inTurn: unknown[] = []
    for (const call of calls) inTurn.push(await limits.consumeUnlessHeld(`${project}-in-turn`, call.uses, call.hold))
    const sorted = (results: unknown[]) => results.map((result) => JSON.stringify(result)).toSorted()
    expect(sorted(seen)).toEqual(sorted(inTurn))
  })

  test('a flooded bucket stays full, however many come at once', async () => {
    const flooded = { ...limit, name: 'flooded', points: 1_000_000 }
    await limits.penalty(project, flooded, 'a', 999_998)
    const results = await Promise.all(Array.from({ length: 20 }, () => limits.consume(project, flooded, 'a', 1)))
    expect(results.map(({ used }) => used)).toEqual(Array.from({ length: 20 }, (_, i) => Math.min(999_999 + i, 1_000_000)))
    await Promise.all(Array.from({ length: 200 }, () => limits.penalty(project, flooded, 'a', 1_000)))
    expect(await limits.consume(project, flooded, 'a')).toMatchObject({ used: 1_000_000 })
  })

  test('points given back at once all count, and what is emptied meanwhile stays empty', async () => {
    const wide = { ...limit, points: 100 }
    await limits.penalty(project, wide, 'address', 30)
    await limits.penalty(project, wide, 'account', 30)
    const give = { refund: [{ name: wide.name, subject: 'address' }], drop: [{ name: wide.name, subject: 'account' }] }
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? limits : other).release(project, i === 7 ? { refund: give.drop } : give)),
    )
    expect(await limits.consume(project, wide, 'address')).toMatchObject({ used: 12 })
    expect(await limits.consume(project, wide, 'account')).toMatchObject({ used: 1 })
  })

  test('of 100 racing uses over two processes exactly the points are allowed', async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (i % 2 ? limits : other).consume(project, { ...limit, points: 40 }, 'a')),
    )
    expect(results.filter((result) => result.allowed)).toHaveLength(40)
  })

  test('buckets charged in opposite orders at the same time do not block each other', async () => {
    const second = { ...limit, name: 'second' }
    const there = [{ limit, subject: 'a' }, { limit: second, subject: 'b' }]
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? limits : other).consumeAll(project, i % 2 ? there : there.toReversed())),
    )
    expect((await limits.consume(project, limit, 'a')).used).toBe(61)
  })

  test('marks of a sketch count once each, from every process and at once, and are gone after its window', async () => {
    const sketch = { name: 'failed_at', windowSeconds: 60 }
    const places = Array.from({ length: 60 }, (_, i) => i % 20)
    const marked = await Promise.all(places.map((place, i) => (i % 2 ? limits : other).mark(project, sketch, 'somebody', place)))
    expect(Math.max(...marked.map(Number))).toBe(20)
    expect(await limits.mark(project, sketch, 'somebody', 29)).toBe(21)
    expect(await limits.mark(project, sketch, 'somebody else', 29)).toBe(1)
    clock.advanceSeconds(61)
    expect(await other.mark(project, sketch, 'somebody', 0)).toBe(1)
  })

  test('enforce refuses with the figures of the bucket that empties last', async () => {
    const long = { name: 'long', points: 0, windowSeconds: 600 }
    await expect(
      limits.enforce(project, [
        { limit: { ...limit, points: 0 }, subject: 'a' },
        { limit: long, subject: 'a' },
      ]),
    ).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 600,
      rateLimit: { limit: 0, remaining: 0, resetSeconds: 600 },
    })
  })

  test('reset empties a bucket', async () => {
    for (let i = 0; i < 4; i += 1) await limits.consume(project, limit, 'a')
    await other.reset(project, limit, 'a')
    expect(await limits.consume(project, limit, 'a')).toMatchObject({ allowed: true, used: 1 })
  })

  describe('login', () => {
    const who = { account: 'ann@example.com', address: '192.0.2.1' }

    test('from the fifth failure on the wait doubles, and a full bucket refuses until the window ends', async () => {
      const throttle = new LoginThrottle(limits)
      const elsewhere = new LoginThrottle(other)
      const waits: number[] = []
      for (let i = 0; i < 10; i += 1) {
        await throttle.failed(await throttle.admit(project, { ...who, address: `192.0.2.${i}` }))
        const wait = await elsewhere.admit(project, { ...who, address: '198.51.100.1' }).then(
          () => 0,
          (error: { retryAfterSeconds: number }) => error.retryAfterSeconds,
        )
        if (wait === 0) {
          // The probe was admitted and counted: take it back, so that only failures count here.
          await limits.release(project, { refund: [{ name: 'login_account', subject: who.account }] })
        }
        waits.push(wait)
        clock.advanceSeconds(wait)
      }
      expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32])
      await expect(throttle.admit(project, who)).rejects.toMatchObject({ code: 'rate_limited' })
      clock.advanceSeconds(900)
      await expect(throttle.admit(project, who)).resolves.toMatchObject({ number: 1 })
    })

    test('attempts during the wait cost nothing', async () => {
      const throttle = new LoginThrottle(limits)
      for (let i = 0; i < 5; i += 1) await throttle.failed(await throttle.admit(project, who))
      for (let i = 0; i < 30; i += 1) await expect(throttle.admit(project, who)).rejects.toMatchObject({ retryAfterSeconds: 1 })
      clock.advanceSeconds(1)
      expect(await throttle.admit(project, who)).toMatchObject({ number: 6 })
    })

    test('a right password starts the account afresh but washes away no other guess from the address', async () => {
      const throttle = new LoginThrottle(limits)
      for (let i = 0; i < 5; i += 1) await throttle.failed(await throttle.admit(project, { account: `victim-${i}`, address: who.address }))
      for (let i = 0; i < 40; i += 1) throttle.succeeded(await throttle.admit(project, who))
      expect((await limits.consume(project, DEFAULT_LOGIN_LIMITS.address, who.address)).used).toBe(6)
      expect(await throttle.admit(project, who)).toMatchObject({ number: 1 })
    })
  })
})

test('the store never sees a subject', async () => {
  const limits = new RateLimits({ store: { kind: 'postgres', query }, hashKey })
  await limits.consume('project-secret', limit, 'ann@example.com')
  const { rows } = await pool.query<{ key: string }>('select key from limits.rate_limit')
  expect(JSON.stringify(rows)).not.toContain('ann')
  expect(Math.max(...rows.map((row) => row.key.length))).toBeLessThanOrEqual(255)
})

describe('statements', () => {
  test('callers who come while one is in work share the next, and a lone caller does not wait', async () => {
    const sent: string[] = []
    const limits = new RateLimits({
      store: { kind: 'postgres', query: (statement) => (sent.push(statement.name), query(statement)) },
      hashKey,
    })
    await limits.consume('few', limit, 'alone')
    expect(sent).toEqual(['limit_charge'])
    await Promise.all(Array.from({ length: 100 }, (_, i) => limits.consume('few', limit, `s${i}`)))
    expect(sent).toEqual(['limit_charge', 'limit_charge', 'limit_charge_all'])
  })

  test('no more than 256 callers share one', async () => {
    const sizes: number[] = []
    const limits = new RateLimits({
      store: { kind: 'postgres', query: (statement) => (sizes.push((statement.values[0] as unknown[]).length), query(statement)) },
      hashKey,
    })
    await Promise.all(Array.from({ length: 600 }, (_, i) => limits.consume('many', limit, `s${i}`)))
    expect(sizes).toEqual([1, 256, 256, 87])
  })

  test('closing waits for what is still to be given back', async () => {
    const limits = new RateLimits({ store: { kind: 'postgres', query }, hashKey })
    for (let i = 0; i < 3; i += 1) await limits.consume('closing', limit, 'a')
    limits.releaseLater('closing', { drop: [{ name: limit.name, subject: 'a' }] })
    await limits.close()
    expect(await new RateLimits({ store: { kind: 'postgres', query }, hashKey }).consume('closing', limit, 'a')).toMatchObject({ used: 1 })
  })

  test('a late or failed statement is told to all who share it and to those behind it, within the time limit', async () => {
    let hang = false
    const limits = new RateLimits({
      store: { kind: 'postgres', query: (statement) => (hang ? new Promise(() => undefined) : query(statement)) },
      hashKey,
      storeTimeoutMs: 1_000,
    })
    const six = { ...limit, points: 6 }
    hang = true
    const started = performance.now()
    const first = limits.consume('late', six, 'a')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const behind = Array.from({ length: 5 }, () => limits.consume('late', six, 'a'))
    expect((await Promise.all([first, ...behind])).map(({ limit: points, allowed }) => `${points} ${allowed}`)).toEqual([
      '3 true',
      '3 true',
      '3 true',
      '3 false',
      '3 false',
      '3 false',
    ])
    expect(performance.now() - started).toBeLessThan(1_450)
    hang = false
    await expect.poll(async () => (await limits.consume('late', six, 'b')).limit, { timeout: 10_000 }).toBe(6)
  })
})

describe('a lost store', () => {
  test('nobody can tell marks without the store', async () => {
    const lost = new RateLimits({ store: { kind: 'postgres', query: () => Promise.reject(new Error('gone')) }, hashKey })
    expect(await lost.mark('project', { name: 'failed_at', windowSeconds: 60 }, 'somebody', 3)).toBeNull()
  })

  test('Postgres: half the points in this process, refusal where guessing is the danger, and recovery by itself', async () => {
    let down = false
    const changes: string[] = []
    const limits = new RateLimits({
      store: { kind: 'postgres', query: (statement) => (down ? Promise.reject(new Error('gone')) : query(statement)) },
      hashKey,
      onStoreChange: (state) => changes.push(state),
    })
    const six = { ...limit, name: 'six', points: 6 }
    down = true
    const results = await Promise.all(Array.from({ length: 5 }, () => limits.consume('lost', six, 'a')))
    expect(results.map((result) => result.allowed)).toEqual([true, true, true, false, false])
    expect(results[0]).toMatchObject({ limit: 3 })
    await expect(limits.consume('lost', { ...six, whenStoreLost: 'refuse' }, 'a')).rejects.toMatchObject({ code: 'unavailable' })
    down = false
    await expect.poll(async () => (await limits.consume('lost', six, 'b')).limit, { timeout: 10_000 }).toBe(6)
    expect(changes).toEqual(['lost', 'back'])
  })

  test('a store that hangs costs its time limit once, not every caller', async () => {
    const limits = new RateLimits({ store: { kind: 'postgres', query: () => new Promise(() => undefined) }, hashKey, storeTimeoutMs: 200 })
    const started = performance.now()
    for (let i = 0; i < 50; i += 1) await limits.consume('hang', limit, 'a')
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test.skipIf(!redisUrl)('Redis: killed and started again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portico-redis-'))
    const port = await freePort()
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    let server: RedisServer | null = await startRedis({ dir, port })
    const limits = new RateLimits({ store: { kind: 'redis', url: `redis://127.0.0.1:${port}` }, hashKey })
    try {
      await limits.ready()
      const six = { ...limit, points: 6 }
      expect(await limits.consume('p', six, 'a')).toMatchObject({ limit: 6 })
      await server?.stop()
      for (let i = 0; i < 3; i += 1) {
        const started = performance.now()
        expect(await limits.consume('p', six, 'a')).toMatchObject({ limit: 3 })
        expect(performance.now() - started).toBeLessThan(1_200)
      }
      server = await startRedis({ dir, port })
      await expect.poll(async () => (await limits.consume('p', six, 'b')).limit, { timeout: 8_000, interval: 100 }).toBe(6)
    } finally {
      limits.close()
      await server?.stop()
      process.off('unhandledRejection', onUnhandled)
      await rm(dir, { recursive: true, force: true })
    }
    expect(unhandled).toEqual([])
  })

  test.skipIf(!redisUrl)('a Redis that was never there', async () => {
    const limits = new RateLimits({ store: { kind: 'redis', url: 'redis://127.0.0.1:1' }, hashKey })
    expect(await limits.consume('p', { ...limit, points: 6 }, 'a')).toMatchObject({ limit: 3, allowed: true })
    limits.close()
  })
})
