import { systemClock } from '@portico/kernel/clock'
import { handOnEvents } from '@portico/platform/records/event-reader.store'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { meteringOf, type TestMetering } from '../support/metering.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

let database: TestDatabase
let owner: Connection
let metering: TestMetering
let project: string
beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  metering = meteringOf(database, systemClock)
})
afterAll(async () => {
  await metering.close()
  await owner.close()
  await database.drop()
})
beforeEach(async () => {
  const { projectIds } = await seedProjects(owner, 1)
  project = projectIds[0]!
})

const write = (db: Connection, action = 'user.deleted', to = project) =>
  db.query(`insert into auth.audit_event (project_id, action, actor_type, resource, created_at) values ($1, $2, 'end_user', 'end_user', now())`, [to, action])
const handOn = (limit = 100) => handOnEvents(metering.sql, { limit, now: new Date(), webhookTypes: [] })
/** Hands on until nothing waits. */
const handOnAll = async (count: number, limit = 100) => {
  let handed = 0
  for (let some = await handOn(limit); some !== 0; some = await handOn(limit)) handed += some ?? 0
  expect(handed).toBe(count)
}
const counted = async (kind = 'user.deleted') =>
  Number((await owner.query<{ n: string }>('select coalesce(sum(count), 0) as n from auth.hourly_count where project_id = $1 and kind = $2', [project, kind]))[0]!.n)

test('each committed event is counted once, however often one asks', async () => {
  for (let i = 0; i < 7; i++) await write(owner)
  await handOnAll(7, 5)
  expect(await counted()).toBe(7)
})

test('a transaction that wrote first and commits last is not skipped, and holds nobody back', async () => {
  const late = await connect(database.url)
  await late.query('begin')
  await write(late)
  await write(owner)
  await handOnAll(1)
  await late.query('commit')
  await late.close()
  await handOnAll(1)
  expect(await counted()).toBe(2)
})

test('what was committed before something else began is handed on before it, in the chain of the project too', async () => {
  for (let i = 0; i < 9; i++) await write(owner, i % 2 === 0 ? 'user.deleted' : 'user.disabled')
  await handOnAll(9, 2)
  const chain = await owner.query<{ number: string }>(
    `select e.number from auth.audit_link l join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
     where l.project_id = $1 order by l.seq`,
    [project],
  )
  const numbers = chain.map(({ number }) => Number(number))
  expect(numbers).toHaveLength(9)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
})

test('a transaction that is rolled back leaves nothing, and holds nothing back', async () => {
  const gone = await connect(database.url)
  await gone.query('begin')
  await write(gone)
  await write(owner)
  await gone.query('rollback')
  await gone.close()
  await handOnAll(1)
  expect(await counted()).toBe(1)
})

test('two workers at once hand each event on once; one that dies in the middle has done nothing', async () => {
  for (let i = 0; i < 40; i++) await write(owner)
  const dying = await connect(database.roleUrl('portico_worker'))
  await dying.query('begin')
  await dying.query(`select auth.hand_on_events(10, now(), '{}')`)
  // The other one does not wait for it.
  expect(await handOn()).toBeNull()
  const [{ pid }] = (await dying.query<{ pid: number }>('select pg_backend_pid() as pid')) as [{ pid: number }]
  await owner.query('select pg_terminate_backend($1)', [pid])
  await dying.close().catch(() => undefined)
  let handed = 0
  const reader = async () => {
    while (handed < 40) {
      const count = await handOn(7)
      handed += count ?? 0
    }
  }
  await Promise.all([reader(), reader(), reader()])
  expect(await handOn()).toBe(0)
  expect(await counted()).toBe(40)
})

test('a storm of writers, some of them slow: nothing is lost and nothing is counted twice', async () => {
  const writers = await Promise.all(Array.from({ length: 6 }, () => connect(database.url)))
  let writing = true
  const reading = (async () => {
    while (writing) await handOn(3)
  })()
  await Promise.all(
    writers.map(async (writer, index) => {
      for (let round = 0; round < 12; round++) {
        await writer.query('begin')
        await write(writer)
        if (index % 2 === 0) await writer.query('select pg_sleep(0.02)')
        await write(writer)
        await writer.query(round % 4 === 3 ? 'rollback' : 'commit')
      }
    }),
  )
  writing = false
  await reading
  await Promise.all(writers.map((writer) => writer.close()))
  await expect.poll(async () => (await handOn(), counted()), { interval: 10 }).toBe(6 * 9 * 2)
})

test('events of a project that stand in the log of its tenant are counted with the project', async () => {
  const [{ tenant_id: tenant }] = (await owner.query<{ tenant_id: string }>('select tenant_id from platform.project where id = $1', [project])) as [{ tenant_id: string }]
  for (const [action, resource, id] of [['project.changed', 'project', `proj_${project}`], ['api_key.created', 'api_key', 'key_x']]) {
    await owner.query(
      `insert into platform.audit_event (id, tenant_id, action, actor_type, resource, resource_id, created_at) values (gen_random_uuid(), $1, $2, 'api_key', $3, $4, now())`,
      [tenant, action, resource, id],
    )
  }
  await handOnAll(2)
  expect(await counted('project.changed')).toBe(1)
})

test('in a copy, whose transactions are counted anew, what waited is handed on once, and what was handed on is not', async () => {
  await write(owner)
  await write(owner)
  await handOnAll(2)
  await write(owner)
  // A restored dump, and a server that was filled by logical replication: rows as they were, and transactions that begin far below theirs.
  await owner.query(`update auth.audit_event set tx = (tx::text::bigint + 1000000)::text::xid8 where tx is not null`)
  await owner.query(`update platform.audit_event set tx = (tx::text::bigint + 1000000)::text::xid8 where tx is not null`)
  await write(owner)
  await handOnAll(2, 1)
  expect(await counted()).toBe(4)
  await write(owner)
  await handOnAll(1)
  expect(await counted()).toBe(5)
})
