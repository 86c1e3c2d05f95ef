import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../../test/faults/fault-proxy.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js'
import { Database } from './database.js'
import { openPlatformDb } from './platform-db.js'
import { watched } from './watched-connection.js'

let database: TestDatabase
let proxy: FaultProxy
let connectionString: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const target = new URL(database.roleUrl('portico_control'))
  proxy = await startFaultProxy({ host: target.hostname, port: Number(target.port) })
  target.port = String(proxy.port)
  connectionString = target.href
})
afterEach(async () => {
  proxy.set({ kind: 'none' })
  for (const close of closing.splice(0)) await close()
})
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

function open() {
  const connection = watched({ connectionString })
  const db = new Database({ ...connection, poolSize: 4, applicationName: 'test' })
  const probe = new Database({ ...connection, poolSize: 1, applicationName: 'test-probe', probe: true })
  const platform = openPlatformDb(connection, { poolSize: 2 })
  closing.push(() => db.close(), () => probe.close(), () => platform.$disconnect())
  return { db, probe, platform, watch: connection.watch }
}

const PID = { name: 'pid', text: 'select pg_backend_pid() as pid, pg_sleep(0.05)', values: [] }
const pidsOf = async (db: Database): Promise<number[]> =>
  (await Promise.all(Array.from({ length: 4 }, () => db.run<{ pid: number }>(PID)))).map(([row]) => row!.pid)

test('once the server was lost, no connection of before is handed out: each would cost a caller its wait', async () => {
  const { db, probe, watch } = open()
  const before = await pidsOf(db)
  await probe.ping()
  watch.willProbe()
  proxy.set({ kind: 'black_hole' })
  await expect(probe.ping()).rejects.toMatchObject({ code: 'unavailable' })
  expect(watch.isAway).toBe(true)
  await expect(db.ping()).rejects.toMatchObject({ code: 'unavailable' })
  expect(() => db.requireThere()).toThrow(expect.objectContaining({ code: 'unavailable' }))
  // The ones of before still swallow everything; new ones pass.
  proxy.set({ kind: 'none' })
  await expect.poll(() => probe.ping().then(() => watch.isAway, () => true), { interval: 20 }).toBe(false)
  const after = await pidsOf(db)
  expect(after.filter((pid) => before.includes(pid))).toEqual([])
})

test('statements, transactions and Prisma go on while they are answered, however slowly, and wait for a lost server on one budget', async () => {
  const { db, platform, watch } = open()
  await Promise.all([db.ping(), platform.$queryRaw`select 1`])
  proxy.set({ kind: 'delay', ms: 80 })
  await db.ping()
  const budget = watch.open(() => false, false)
  if (budget === null) throw new Error('answers were slow')
  const asked: string[] = []
  const request = async (): Promise<void> => {
    for (;;) {
      await db.run({ name: 'one', text: 'select 1', values: [] })
      asked.push('statement')
      await platform.$transaction(async (tx) => void (await tx.$queryRaw`select 1`))
      asked.push('prisma')
      await db.unit('begin', (query) => query({ name: 'one', text: 'select 1', values: [] }))
      asked.push('transaction')
    }
  }
  let lostAt = Infinity
  setTimeout(() => {
    lostAt = performance.now()
    proxy.set({ kind: 'black_hole' })
  }, 2_500)
  const outcome = await new Promise<unknown>((settle) => watch.within(budget, () => settle(request().catch((error: unknown) => error))))
  expect(String(outcome)).toMatch(/unavailable|long enough|timeout|part of the service/i)
  const waited = performance.now() - lostAt
  expect(waited).toBeGreaterThan(0)
  expect(waited).toBeLessThan(2_500)
  // It has waited for more than the budget before, in pieces that were answered.
  expect(asked.length).toBeGreaterThan(2)
  expect(budget.leftMs(watch.now())).toBeLessThan(200)
})

test('who waits for a connection is given up in time, and one that comes too late goes back to the pool', async () => {
  const { db, watch } = open()
  await pidsOf(db)
  const holding = Promise.all(Array.from({ length: 4 }, () => db.run({ name: 'hold', text: 'select pg_sleep(0.5)', values: [] })))
  const begunAt = watch.now() - 150
  watch.end(watch.begin(begunAt), begunAt, true)
  const budget = watch.open(() => false, false)
  if (budget === null) throw new Error('answers were slow')
  budget.begin(watch.now() - 1_400)
  budget.end(watch.now(), false)
  const outcome = await new Promise<unknown>((settle) => watch.within(budget, () => settle(db.ping().catch((error: unknown) => error))))
  expect(outcome).toMatchObject({ code: 'unavailable' })
  await holding
  await expect.poll(() => db.stats()).toEqual({ total: 4, idle: 4, waiting: 0 })
})
