import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { systemClock } from '@portico/kernel/clock'
import { EventFeed, FROM_THE_FIRST, type Followed } from '@portico/platform/events/event-feed'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { meteringOf, type TestMetering } from '../support/metering.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

let database: TestDatabase
let owner: Connection
let control: Database
let feed: EventFeed
let workers: TestMetering[]
let project: string
let scope: ProjectScope
const streams: Followed[] = []
beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  control = new Database({ connectionString: database.roleUrl('portico_control'), poolSize: 4, applicationName: 'test-followed' })
  feed = new EventFeed(new ProjectDb(control), new PlatformSql(control))
  workers = [meteringOf(database, systemClock), meteringOf(database, systemClock)]
})
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()))
  await control.close()
  await owner.close()
  await database.drop()
})
beforeEach(async () => {
  const { projectIds } = await seedProjects(owner, 1)
  project = projectIds[0]!
  scope = (await new ProjectDirectory(control).resolve(project))!.scope
})
afterEach(() => streams.splice(0).forEach(({ stop }) => stop()))

async function write(db: Connection = owner, to = project): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `insert into auth.audit_event (project_id, action, actor_type, resource, created_at) values ($1, 'user.deleted', 'system', 'end_user', now()) returning id`,
    [to],
  )
  return row!.id
}
const handOn = () => workers[0]!.relay.round()
async function follow(afterId: string | null = null, { of = scope, ready = (): boolean => true } = {}) {
  const told: string[] = []
  const passed: string[] = []
  const onEvents = (events: readonly { id: string }[], lastId: string) => {
    told.push(...events.map(({ id }) => id))
    passed.push(lastId)
  }
  const followed = await feed.follow(of, afterId, { ready, onEvents })
  streams.push(followed)
  return { ...followed, told, passed }
}
const ordered = async (of = project) =>
  (await owner.query<{ event_id: string }>('select event_id from auth.audit_link where project_id = $1 order by seq', [of])).map((row) => row.event_id)

test('twenty writers, one of them very late, two workers: followers miss nothing, hear nothing twice, and in the order of the chain', async () => {
  const writers = await Promise.all(Array.from({ length: 20 }, () => connect(database.url)))
  const late = await connect(database.url)
  await late.query('begin')
  const lateId = await write(late)
  const before = await follow()
  let working = true
  const working2 = workers.map(async ({ relay }) => {
    while (working) await relay.round()
  })
  const written = (
    await Promise.all(
      writers.map(async (writer, index) => {
        const ids: string[] = []
        for (let round = 0; round < 6; round += 1) {
          await writer.query('begin')
          const some = [await write(writer)]
          if (index % 4 === 0) await writer.query('select pg_sleep(0.01)')
          some.push(await write(writer))
          const gone = round % 3 === 2
          await writer.query(gone ? 'rollback' : 'commit')
          if (!gone) ids.push(...some)
        }
        return ids
      }),
    )
  ).flat()
  // Nothing waits for the long transaction.
  await expect.poll(() => before.told.length, { timeout: 20_000 }).toBe(written.length)
  const during = await follow(before.told[17])
  await late.query('commit')
  await expect.poll(() => before.told.length, { timeout: 20_000 }).toBe(written.length + 1)
  await expect.poll(() => during.told.length, { timeout: 20_000 }).toBe(written.length + 1 - 18)
  working = false
  await Promise.all(working2)
  await Promise.all([...writers, late].map((writer) => writer.close()))
  expect(before.told).toEqual(await ordered())
  expect(before.told.at(-1)).toBe(lateId)
  expect(new Set(before.told)).toEqual(new Set([...written, lateId]))
  expect(during.told).toEqual(before.told.slice(18))
})

test('a follower that begins is told what waits, and one that goes on from an event that waits is told the others that do', async () => {
  await write()
  await handOn()
  const first = await write()
  const named = await write()
  const fresh = await follow()
  const resumed = await follow(named)
  expect(resumed).toMatchObject({ missed: null, placeId: null })
  // Without a worker the stream is behind, as webhooks are.
  expect(fresh.told).toEqual([])
  await handOn()
  await expect.poll(() => fresh.told).toEqual([first, named])
  await expect.poll(() => resumed.told).toEqual([first])
  expect(resumed.passed).toEqual([named])
})

test('every page of a long absence is told in its order, while others are told what is new; of one that reads nothing nothing is fetched', async () => {
  await owner.query(
    `insert into auth.audit_event (project_id, action, actor_type, resource, created_at)
     select $1, 'user.deleted', 'system', 'end_user', now() from generate_series(1, 1900)`,
    [project],
  )
  while (await handOn());
  const { projectIds } = await seedProjects(owner, 1)
  const other = (await new ProjectDirectory(control).resolve(projectIds[0]!))!.scope
  let reads = false
  const stuck = await follow(FROM_THE_FIRST, { ready: () => reads })
  const whole = await follow(FROM_THE_FIRST)
  const quick = await follow(null, { of: other })
  const now = await write(owner, projectIds[0])
  await handOn()
  await expect.poll(() => quick.told).toEqual([now])
  await expect.poll(() => whole.told.length, { timeout: 20_000 }).toBe(1900)
  const order = await ordered()
  expect(whole.told).toEqual(order)
  expect(stuck.told).toEqual([])
  reads = true
  await expect.poll(() => stuck.told.length, { timeout: 20_000 }).toBe(1900)
  expect(stuck.told).toEqual(order)
})

test('retention that took the named event or what came after it is told of; what it left comes next', async () => {
  const ids: string[] = []
  for (let i = 0; i < 6; i += 1) ids.push(await write())
  await handOn()
  const order = await ordered()
  await owner.query('delete from auth.audit_event where project_id = $1 and id = any ($2)', [project, order.slice(0, 3)])
  await owner.query('update auth.audit_chain set cut_seq = 3 where project_id = $1', [project])
  const cut = await follow(order[1])
  expect(cut).toMatchObject({ missed: 'gone', placeId: order[2] })
  await expect.poll(() => cut.told).toEqual(order.slice(3))
  // The named event is gone, and nothing after it is.
  const edge = await follow(order[2])
  expect(edge).toMatchObject({ missed: null, placeId: null })
  await expect.poll(() => edge.told).toEqual(order.slice(3))
  const begun = await follow(FROM_THE_FIRST)
  expect(begun.missed).toBe('gone')
})

test('an event of another project, and one that nobody knows, is no place', async () => {
  const { projectIds } = await seedProjects(owner, 1)
  const theirs = await write(owner, projectIds[0])
  const waiting = await write(owner, projectIds[0])
  await handOn()
  const own = await write()
  await handOn()
  for (const id of [theirs, waiting, '00000000-0000-4000-8000-000000000000'])
    expect(await follow(id)).toMatchObject({ missed: 'unknown', placeId: own })
})
