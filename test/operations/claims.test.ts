import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

let database: TestDatabase
let owner: Connection
let claimers: Connection[]
let projects: string[]
beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  claimers = await Promise.all(Array.from({ length: 20 }, () => connect(database.roleUrl('portico_worker'))))
  projects = (await seedProjects(owner, 120)).projectIds
})
afterAll(async () => {
  for (const one of claimers) await one.close()
  await owner.close()
  await database.drop()
})
beforeEach(async () => {
  await owner.query('truncate auth.outbox, auth.webhook_delivery, auth.webhook_message, auth.webhook_endpoint cascade')
  await owner.query(
    `insert into auth.service (project_id, enabled, first_enabled_at, created_at, updated_at) select id, true, now(), now(), now()
     from platform.project on conflict do nothing`,
  )
})

interface Row {
  project_id: string
  id: string
}

const SINCE = `now() - interval '1 minute'`
const mails = (some: readonly string[], each: number, due = SINCE) =>
  owner.query(
    `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
     select p, gen_random_uuid(), 'password_reset', '{}', now(), ${due} from unnest($1::uuid[]) p, generate_series(1, $2::int)`,
    [some, each],
  )
const claimMails = (by: Connection, limit: number) => by.query<Row>('select * from auth.claim_outbox(now(), $1, 3600)', [limit])

async function deliveries(some: readonly string[], each: number, ordering = 'none', subject: string | null = null): Promise<void> {
  await owner.query(
    `insert into auth.webhook_endpoint (project_id, id, url, secret_sealed, ordering, created_at, updated_at)
     select p, gen_random_uuid(), 'https://' || p || '.example', '\\x01', $2, now(), now() from unnest($1::uuid[]) p`,
    [some, ordering],
  )
  await owner.query(
    `insert into auth.webhook_message (project_id, id, type, body, created_at) select p, 'msg', 'user.signed_up', 'of ' || p, now()
     from unnest($1::uuid[]) p`,
    [some],
  )
  await owner.query(
    `insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
     select e.project_id, e.id, 'msg', $2, n, ${SINCE}, now() from auth.webhook_endpoint e, generate_series(1, $1::int) n`,
    [each, subject],
  )
}
interface Taken extends Row {
  endpoint_id: string
  tenant_id: string
  owner_id: string
  attempt: number
  url: string
  body: string
}
const claimDeliveries = (by: Connection, limit: number, share = 10) =>
  by.query<Taken>(`select * from auth.claim_webhooks(now(), $1, $2, 3600, '{}')`, [limit, share])

const countBy = (rows: readonly Row[]) => {
  const counts = new Map<string, number>()
  for (const { project_id: project } of rows) counts.set(project, (counts.get(project) ?? 0) + 1)
  return counts
}

/** Twenty at once until nothing is left, while a project is purged and somebody holds rows of another. */
async function race(table: string, claim: (by: Connection) => Promise<Row[]>) {
  const [purged, held] = projects as [string, string]
  const holder = await connect(database.url)
  await holder.query('begin')
  const kept = await holder.query<Row>(`select project_id, id from ${table} where project_id = $1 order by id limit 2 for update`, [held])
  const purge = owner.query('delete from auth.service where project_id = $1', [purged])
  const taken: Row[] = []
  await Promise.all(
    claimers.map(async (one) => {
      for (let rows = await claim(one); rows.length > 0; rows = await claim(one)) taken.push(...rows)
    }),
  )
  await purge
  const early = taken.map(({ id }) => id)
  expect(early.filter((id) => kept.some((row) => row.id === id))).toEqual([])
  await holder.query('commit')
  await holder.close()
  for (let rows = await claim(owner); rows.length > 0; rows = await claim(owner)) taken.push(...rows)
  const there = await owner.query<Row>(`select project_id, id from ${table}`)
  expect(there.some(({ project_id: project }) => project === purged)).toBe(false)
  const ids = taken.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  // Of the purged project what was taken first is taken, and no more; of the others everything.
  expect(taken.filter(({ project_id: project }) => project !== purged).map(({ id }) => id).toSorted()).toEqual(
    there.map(({ id }) => id).toSorted(),
  )
}

describe('mails', () => {
  test('each project has the same share, and who has less leaves it to nobody that waits longer', async () => {
    const [one, two, three] = projects as [string, string, string]
    await mails([one], 500)
    await mails([two], 20)
    await mails([three], 1)
    expect(countBy(await claimMails(owner, 30))).toEqual(new Map([[one, 10], [two, 10], [three, 1]].toSorted() as [string, number][]))
  })

  test('what is not due takes no share and hides nobody', async () => {
    await mails(projects.slice(0, 100), 3, `now() + interval '1 hour'`)
    const late = projects.slice(100, 102)
    await mails(late, 40)
    expect(countBy(await claimMails(owner, 50))).toEqual(new Map(late.toSorted().map((project) => [project, 25])))
    await mails(projects.slice(102, 103), 1)
    expect([...countBy(await claimMails(owner, 3)).keys()]).toContain(projects[102])
  })

  test.each([[1], [7], [40]])('more projects than room, %i rows each: whoever waits has a turn, nothing is taken twice', async (each) => {
    await mails(projects, each)
    const taken: Row[] = []
    for (let rows = await claimMails(owner, 100); rows.length > 0; rows = await claimMails(owner, 100)) {
      // One of each at the most.
      expect(Math.max(...countBy(rows).values())).toBeLessThanOrEqual(Math.max(1, Math.ceil(100 / countBy(rows).size)))
      taken.push(...rows)
    }
    expect(new Set(taken.map(({ id }) => id)).size).toBe(projects.length * each)
    expect(taken).toHaveLength(projects.length * each)
  })

  test('twenty at once, a purge and a row that is held: each is taken once', async () => {
    await mails(projects, 9)
    await mails(projects.slice(0, 6), 120)
    await race('auth.outbox', (by) => claimMails(by, 60))
  })
})

describe('deliveries', () => {
  test('at most so many of an endpoint, with what is told and by whom', async () => {
    const some = projects.slice(0, 30)
    await deliveries(some, 25)
    const rows = await claimDeliveries(owner, 200)
    expect(rows).toHaveLength(200)
    expect([...countBy(rows).values()]).toEqual(Array(20).fill(10))
    const tenants = await owner.query<{ id: string; tenant_id: string }>('select id, tenant_id from platform.project')
    for (const row of rows) {
      expect(row).toMatchObject({
        url: `https://${row.project_id}.example`, body: `of ${row.project_id}`, owner_id: row.project_id, attempt: 1,
        tenant_id: tenants.find(({ id }) => id === row.project_id)?.tenant_id,
      })
    }
    const few = await claimDeliveries(owner, 200, 3)
    expect(new Set(countBy(few).values())).toEqual(new Set([3]))
    expect(few.find(({ url, project_id: project }) => url !== `https://${project}.example`)).toBeUndefined()
  })

  test('where order is wanted, the first of a person only', async () => {
    await deliveries(projects.slice(0, 4), 9, 'user', 'somebody')
    const rows = await claimDeliveries(owner, 200)
    expect([...countBy(rows).values()]).toEqual([1, 1, 1, 1])
    expect(await claimDeliveries(owner, 200)).toEqual([])
  })

  test('twenty at once, a purge and a row that is held: each is taken once', async () => {
    await deliveries(projects, 5)
    await owner.query(
      `insert into auth.webhook_delivery (project_id, endpoint_id, message_id, number, next_attempt_at, created_at)
       select project_id, id, 'msg', 9, ${SINCE}, now() from auth.webhook_endpoint, generate_series(1, 40) where project_id = any ($1)`,
      [projects.slice(0, 6)],
    )
    await race('auth.webhook_delivery', (by) => claimDeliveries(by, 60))
  })
})
