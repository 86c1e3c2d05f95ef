import { randomUUID } from 'node:crypto'
import { systemClock } from '@portico/kernel/clock'
import { EVENTS, type EventName } from '@portico/kernel/events'
import { WEBHOOK_TYPES } from '@portico/platform/webhooks/webhook-types'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { meteringOf, type TestMetering } from '../support/metering.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

/** Over the whole catalogue, from the list that the program itself uses: what a webhook may carry is told, and nothing else is. */
const ALL = Object.keys(EVENTS) as EventName[]
/** Where the event is of a project: the row of the project itself stands in the tenant's log. */
const IN_TENANT_LOG = new Set<EventName>(['project.created', 'project.changed', 'project.archived'])
/** These happen to a tenant as well. */
const OF_TENANT: EventName[] = [
  'mail.sender_configured', 'mail.sender_removed', 'mail.sender_failing', 'mail.sender_ready', 'webhook.disabled',
]
const OWN = randomUUID()
const OF_ALL = randomUUID()

let database: TestDatabase
let owner: Connection
let metering: TestMetering
let project: string
let tenant: string

beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  metering = meteringOf(database, systemClock)
  project = (await seedProjects(owner, 1)).projectIds[0]!
  tenant = (await owner.query<{ tenant_id: string }>('select tenant_id from platform.project where id = $1', [project]))[0]!.tenant_id
  await metering.settle()
  await owner.query(
    `insert into auth.webhook_endpoint (project_id, id, url, secret_sealed, created_at, updated_at) values ($1, $2, 'https://x.example', '', now(), now())`,
    [project, OWN],
  )
  await owner.query(
    `insert into platform.webhook_endpoint (tenant_id, id, url, secret_sealed, created_at, updated_at) values ($1, $2, 'https://x.example', '', now(), now())`,
    [tenant, OF_ALL],
  )
})
afterAll(async () => {
  await metering.close()
  await owner.close()
  await database.drop()
})

async function happen(db: Connection, action: EventName, where: 'project' | 'tenant' = 'project'): Promise<void> {
  const { resource, by } = EVENTS[action]
  const about = resource === 'project' ? `proj_${project}` : randomUUID()
  if (where === 'project' && !IN_TENANT_LOG.has(action)) {
    const text = `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
      values ($1, $2, $3, $4, $5, $6, '{"reason": "test"}', now())`
    await db.query(text, [project, action, by[0], randomUUID(), resource, about])
  } else {
    const text = `insert into platform.audit_event (tenant_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
      values ($1, $2, $3, $4, $5, $6, '{"reason": "test"}', now())`
    await db.query(text, [tenant, action, by[0], randomUUID(), resource, about])
  }
}

/** As a traced request writes it. */
async function happenTraced(action: EventName, where: 'project' | 'tenant', traceparent: string): Promise<void> {
  await owner.query('begin')
  await owner.query(`set local portico.traceparent = '${traceparent}'`)
  await happen(owner, action, where)
  await owner.query('commit')
}

const told = async (endpoint: string, since: Date) =>
  owner.query<{ type: string; body: string }>(
    `select m.type, m.body from auth.webhook_delivery d join auth.webhook_message m on m.project_id = d.project_id and m.id = d.message_id
      where d.endpoint_id = $1 and d.created_at >= $2 order by m.type`,
    [endpoint, since],
  )

test('every event that a webhook may carry is told to the project’s endpoint and to the tenant’s, once; no other is', async () => {
  const since = new Date()
  for (const action of ALL) await happen(owner, action)
  await metering.settle()
  await metering.settle()
  for (const endpoint of [OWN, OF_ALL]) {
    const messages = await told(endpoint, since)
    expect(messages.map(({ type }) => type)).toEqual(WEBHOOK_TYPES.toSorted())
    for (const { type, body } of messages) {
      const message = JSON.parse(body)
      expect(Object.keys(message)).toEqual(['id', 'type', 'version', 'timestamp', 'project_id', 'data'])
      expect(message).toMatchObject({ type, version: 1, project_id: `proj_${project}`, data: { details: { reason: 'test' } } })
      expect(message.data.resource.type).toBe(EVENTS[type as EventName].resource)
      expect(Object.keys(message.data)).toEqual(['actor', 'resource', 'details', 'user'])
    }
  }
})

test('what happens to the tenant itself is told to its endpoint of all projects, and to no project’s', async () => {
  const since = new Date()
  for (const action of ALL) if (EVENTS[action].resource !== 'project') await happen(owner, action, 'tenant')
  await metering.settle()
  const messages = (await told(OF_ALL, since)).map(({ type, body }) => [type, JSON.parse(body).project_id])
  for (const type of OF_TENANT) expect(messages).toContainEqual([type, null])
  expect(messages.filter(([type]) => !WEBHOOK_TYPES.includes(type as EventName))).toEqual([])
  expect(await told(OWN, since)).toEqual([])
})

test('no event is handed on without its row: a round that dies anywhere has done neither, for each event of the catalogue', async () => {
  const since = new Date()
  const worker = await connect(database.roleUrl('portico_worker'))
  for (const action of WEBHOOK_TYPES) await happen(owner, action)
  const place = async () => JSON.stringify(await owner.query(`select (select handed_on from metering.event_reader), (select count(*) from auth.audit_event where waiting)`))
  const before = await place()
  await worker.query('begin')
  const round = async () => {
    const [row] = await worker.query<{ n: number | null }>('select auth.hand_on_events(1000, now(), $1) as n', [WEBHOOK_TYPES])
    return row!.n ?? 0
  }
  await expect.poll(round).toBeGreaterThan(0)
  await worker.query('rollback')
  await worker.close()
  expect([await place(), await told(OWN, since)]).toEqual([before, []])
  await metering.settle()
  expect((await told(OWN, since)).map(({ type }) => type)).toEqual(WEBHOOK_TYPES.toSorted())
})

test('every event of a traced request is told in its trace: of a project, of the project’s own row, and of a tenant', async () => {
  const since = new Date()
  const traces = new Map<string, string[]>()
  const trace = (type: string) => {
    const made = `00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01`
    traces.set(type, [...(traces.get(type) ?? []), made])
    return made
  }
  for (const action of WEBHOOK_TYPES) await happenTraced(action, 'project', trace(action))
  for (const action of WEBHOOK_TYPES) if (EVENTS[action].resource !== 'project') await happenTraced(action, 'tenant', trace(action))
  await metering.settle()
  const rows = await owner.query<{ type: string; traceparent: string | null }>(
    `select m.type, d.traceparent from auth.webhook_delivery d join auth.webhook_message m on m.project_id = d.project_id and m.id = d.message_id
      where d.endpoint_id = $1 and d.created_at >= $2 order by d.number`,
    [OF_ALL, since],
  )
  const found = new Map<string, (string | null)[]>()
  for (const { type, traceparent } of rows) found.set(type, [...(found.get(type) ?? []), traceparent])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(traces))
})
