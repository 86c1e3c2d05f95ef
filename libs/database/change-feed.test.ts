import { setTimeout as sleep } from 'node:timers/promises'
import { AuthError } from '@portico/kernel/auth-error'
import { FollowingClock } from '@portico/kernel/clock'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../../test/faults/fault-proxy.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js'
import { connect, noteChange, seedProjects, type Connection } from '../../test/support/sql.js'
import { ChangeFeed } from './change-feed.js'
import { Database } from './database.js'

let database: TestDatabase
let owner: Connection
let proxy: FaultProxy
let throughProxy: string
let project: string
const feeds: ChangeFeed[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  project = (await seedProjects(owner, 1)).projectIds[0]!
  const url = new URL(database.roleUrl('portico_data'))
  proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  throughProxy = url.href
})
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.stop()
})
afterAll(async () => {
  await proxy.close()
  await owner.close()
  await database.drop()
})

async function listen() {
  const heard: string[] = []
  let silences = 0
  const feed = new ChangeFeed({
    connectionString: throughProxy,
    applicationName: 'test',
    onProjectChanged: (projectId) => heard.push(`project ${projectId}`),
    onUserChanged: (_projectId, userId) => heard.push(`user ${userId}`),
    onMissed: () => heard.push('missed'),
    onSilent: () => void (silences += 1),
  })
  feeds.push(feed)
  await feed.start()
  heard.length = 0
  return { feed, heard, silences: () => silences }
}
const user = () => crypto.randomUUID()

test('every change is told once, within a second', async () => {
  const { feed, heard } = await listen()
  expect(feed.heard).toBe(true)
  const one = user()
  await noteChange(asClient(), project, one)
  await noteChange(asClient(), project)
  await expect.poll(() => heard.length, { timeout: 1_000, interval: 10 }).toBe(2)
  await sleep(700)
  expect(heard).toEqual([`user ${one}`, `project ${project}`])
})

test('a feed that is not answered is silent after two seconds, and tells what it missed when it is back', async () => {
  const { feed, heard, silences } = await listen()
  proxy.set({ kind: 'refuse' })
  proxy.cutAll()
  const one = user()
  await noteChange(asClient(), project, one)
  await expect.poll(() => feed.heard, { timeout: 4_000, interval: 20 }).toBe(false)
  expect([heard, silences()]).toEqual([[], 1])
  proxy.set({ kind: 'none' })
  await expect.poll(() => heard, { timeout: 5_000, interval: 20 }).toEqual([`user ${one}`])
  expect(feed.heard).toBe(true)
})

test('more changes than one look tells count as missed, over and over, and the feed goes on', async () => {
  const { feed, heard } = await listen()
  await owner.query('insert into auth.change (project_id, end_user_id, changed_at) select $1, gen_random_uuid(), now() from generate_series(1, 10001)', [project])
  await expect.poll(() => heard.includes('missed'), { timeout: 2_000, interval: 20 }).toBe(true)
  expect(feed.heard).toBe(true)
  await owner.query('delete from auth.change')
})

test('a transaction that takes longer than the feed looks back is not committed', async () => {
  const data = new Database({ connectionString: database.roleUrl('portico_control'), poolSize: 1, applicationName: 'test' })
  const now = vi.spyOn(performance, 'now')
  const begin = `begin; select set_config('portico.project_id', '${project}', true)`
  const attempt = (ms: number) =>
    data.unit(begin, async (query) => {
      await query({ name: `note_${ms}`, text: 'insert into auth.change (project_id, changed_at) values (auth.current_project_id(), now())', values: [] })
      const later = performance.now() + ms
      now.mockReturnValue(later)
    })
  const count = async () => (await owner.query<{ n: number }>('select count(*)::int as n from auth.change'))[0]!.n
  const before = await count()
  await expect(attempt(8_100)).rejects.toThrow(AuthError)
  expect(await count()).toBe(before)
  now.mockRestore()
  await attempt(10)
  expect(await count()).toBe(before + 1)
  now.mockRestore()
  await data.close()
})

test('the clock of a process is that of PostgreSQL, whatever its machine says', async () => {
  const clock = new FollowingClock()
  const now = performance.now()
  clock.follow(new Date(Date.now() + 3_600_000), now, now)
  const minutes: number[] = []
  const feed = new ChangeFeed({
    connectionString: database.roleUrl('portico_data'),
    applicationName: 'test',
    clock,
    onWrongClock: (milliseconds) => minutes.push(Math.round(milliseconds / 60_000)),
    onProjectChanged: () => undefined,
    onMissed: () => undefined,
  })
  feeds.push(feed)
  await feed.start()
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(30_000)
  expect(minutes).toEqual([-60])
})

function asClient() {
  return { query: (text: string, values: unknown[]) => owner.query(text, values) }
}
