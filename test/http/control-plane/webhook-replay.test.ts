import { MovableClock } from '@portico/kernel/clock'
import { sweepWebhooks } from '@portico/platform/records/webhook-delivery.store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { replayLoop, runReplays } from '../../support/replays.js'
import { connect, type Connection } from '../../support/sql.js'

const URL_OUTSIDE = 'https://93.184.216.34/hook'
const HOUR_AGO = () => new Date(Date.now() - 3_600_000).toISOString()
let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
let key: string
let project: string
const clock = new MovableClock()

beforeAll(async () => {
  plane = await startControlPlane()
  metering = meteringOf(plane.database, clock)
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await metering?.close()
  await owner?.close()
  await plane?.stop()
})
beforeEach(async () => {
  key = await makeTenant(plane)
  project = await makeProject(plane, { key, enable: true })
  await owner.query(`update platform.webhook_replay set status = 'done' where status = 'running'`)
})

const uuid = (id = project) => id.slice(id.indexOf('_') + 1)
const api = (method: string, path: string, body?: unknown) => plane.call(method, `projects/${project}/webhooks${path}`, body, { key })
const make = async (types: string[] = ['user.enabled']) => (await api('POST', '', { url: URL_OUTSIDE, types })).body.data.id as string
const replay = (id: string, range: object = { since: HOUR_AGO() }) => api('POST', `/${id}/replay`, range)
/** What happened half an hour ago, a second after another; every other of a type that nobody asked for. */
const happen = (count: number, at = project) =>
  owner.query(
    `insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, created_at)
      select $1, case when n % 2 = 0 then 'user.enabled' else 'user.disabled' end, 'system', 'end_user', gen_random_uuid()::text,
        now() - interval '50 minutes' + n * interval '10 ms' from generate_series(1, $2) n`,
    [uuid(at), count],
  )
const made = async (id: string) =>
  (await owner.query<{ n: number }>('select count(*)::int as n from auth.webhook_delivery where endpoint_id = $1', [uuid(id)]))[0]!.n
const progress = async (id: string, replayId: string) => (await api('GET', `/${id}/replays/${replayId}`)).body.data

test('of twenty at once one begins; while it runs others are refused, and how far it is can be read', async () => {
  const id = await make()
  await happen(900)
  const answers = await Promise.all(Array.from({ length: 20 }, () => replay(id)))
  const begun = answers.filter(({ status }) => status === 202)
  expect(begun).toHaveLength(1)
  for (const { status, body } of answers) if (status !== 202) expect([status, body.error.code]).toEqual([409, 'replay_in_progress'])
  const { id: replayId } = begun[0]!.body.data
  expect(begun[0]!.body.data).toMatchObject({ endpoint_id: id, status: 'running', deliveries: 0, done_at: null })
  const loop = replayLoop(metering.sql, clock)
  // The tenant's own log first, then the project's, 200 rows at a time whether they are told or not.
  const seen: number[] = []
  while (await loop.round()) seen.push((await progress(id, replayId)).deliveries)
  expect(seen.every((now, index) => now - (seen[index - 1] ?? 0) <= 200)).toBe(true)
  expect(seen.length).toBeGreaterThan(4)
  expect(await progress(id, replayId)).toMatchObject({ status: 'done', deliveries: 450, done_at: expect.any(String) })
  const types = await owner.query<{ type: string; n: number }>(
    `select m.type, count(distinct m.id)::int as n from auth.webhook_delivery d join auth.webhook_message m
      on m.project_id = d.project_id and m.id = d.message_id where d.endpoint_id = $1 group by 1`,
    [uuid(id)],
  )
  expect(types).toEqual([{ type: 'user.enabled', n: 450 }])
  expect((await replay(id)).status).toBe(202)
  expect((await api('GET', `/${id}/replays`)).body.data.map(({ status }: { status: string }) => status)).toEqual(['running', 'done'])
  const [event] = (await plane.call('GET', `projects/${project}/audit-log?action=webhook.replayed`, undefined, { key })).body.data
  expect(event.metadata).toMatchObject({ since: expect.any(String), until: expect.any(String) })
})

test('a worker that dies in a batch has done nothing of it; two at once share the work', async () => {
  const id = await make()
  await happen(900)
  await replay(id)
  const dying = await connect(plane.database.roleUrl('portico_worker'))
  await dying.query('begin')
  for (let i = 0; i < 3; i++) await dying.query('select * from auth.work_on_webhook_replays(200, 1000, 100000, now())')
  const [{ pid }] = (await dying.query<{ pid: number }>('select pg_backend_pid() as pid')) as [{ pid: number }]
  // Meanwhile the replay is locked: another worker has nothing to do and does not wait.
  expect(await replayLoop(metering.sql, clock).round()).toBe(false)
  await owner.query('select pg_terminate_backend($1)', [pid])
  await dying.close().catch(() => undefined)
  await expect.poll(() => replayLoop(metering.sql, clock).round()).toBe(true)
  for (let i = 0; i < 12; i++) await Promise.all([replayLoop(metering.sql, clock).round(), replayLoop(metering.sql, clock).round()])
  expect(await made(id)).toBe(450)
  const [one] = await owner.query<{ n: number }>('select count(distinct message_id)::int as n from auth.webhook_delivery where endpoint_id = $1', [uuid(id)])
  expect(one!.n).toBe(450)
})

test('a tenant runs five; another tenant begins its own, and is answered while all of them are worked on', async () => {
  const endpoints = await Promise.all(Array.from({ length: 6 }, () => make()))
  await happen(3_000)
  const stranger = { key: await makeTenant(plane) }
  const theirs = await makeProject(plane, { key: stranger.key, enable: true })
  const { id: other } = (await plane.call('POST', `projects/${theirs}/webhooks`, { url: URL_OUTSIDE }, stranger)).body.data
  const answers = await Promise.all(endpoints.flatMap((id) => Array.from({ length: 10 }, () => replay(id))))
  const [begun, running, limited] = [202, 409, 429].map((wanted) => answers.filter(({ status }) => status === wanted))
  expect([begun!.length, running!.length + limited!.length]).toEqual([5, 55])
  expect(limited!.length).toBeGreaterThanOrEqual(10)
  for (const { body, headers } of limited!) expect([body.error.code, headers.get('retry-after')]).toEqual(['rate_limited', '60'])
  const working = runReplays(metering.sql, clock)
  const meanwhile = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index === 0
        ? plane.call('POST', `projects/${theirs}/webhooks/${other}/replay`, { since: HOUR_AGO() }, stranger)
        : plane.call('GET', `projects/${theirs}/webhooks/${other}`, undefined, stranger),
    ),
  )
  expect(meanwhile.map(({ status }) => status)).toEqual([202, ...Array(39).fill(200)])
  await working
})

test('at most 1,000 of its messages wait; as they are taken it goes on', async () => {
  const id = await make()
  await happen(3_000)
  const { id: replayId } = (await replay(id)).body.data
  await runReplays(metering.sql, clock)
  expect(await progress(id, replayId)).toMatchObject({ status: 'running', deliveries: 1_000 })
  await owner.query(`update auth.webhook_delivery set status = 'delivered' where endpoint_id = $1`, [uuid(id)])
  await runReplays(metering.sql, clock)
  expect(await progress(id, replayId)).toMatchObject({ status: 'done', deliveries: 1_500 })
})

test('an endpoint that is turned off ends its replay, one that is removed has none, and nobody else may see it', async () => {
  const id = await make()
  await happen(50)
  const { id: replayId } = (await replay(id)).body.data
  const stranger = await makeTenant(plane)
  expect((await plane.call('GET', `projects/${project}/webhooks/${id}/replays/${replayId}`, undefined, { key: stranger })).status).toBe(404)
  expect((await plane.call('GET', `webhooks/${id}/replays/${replayId}`, undefined, { key })).status).toBe(404)
  await api('PATCH', `/${id}`, { enabled: false })
  expect(await progress(id, replayId)).toMatchObject({ status: 'cancelled', deliveries: 0, done_at: expect.any(String) })
  expect((await replay(id)).body.error.code).toBe('conflict')
  await api('PATCH', `/${id}`, { enabled: true })
  expect((await replay(id)).status).toBe(202)
  await api('DELETE', `/${id}`)
  await runReplays(metering.sql, clock)
  expect(await owner.query(`select 1 from platform.webhook_replay where status = 'running' and endpoint_id = $1`, [uuid(id)])).toEqual([])
  expect((await api('GET', `/${id}/replays`)).status).toBe(404)
})

test.each<[string, () => object, string]>([
  ['an end before its beginning', () => ({ since: HOUR_AGO(), until: new Date(Date.now() - 7_200_000).toISOString() }), 'since'],
  ['the same instant twice', () => ({ since: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:00Z' }), 'since'],
  ['the future', () => ({ since: new Date(Date.now() + 60_000).toISOString() }), 'since'],
  ['more than 30 days', () => ({ since: new Date(Date.now() - 31 * 86_400_000).toISOString() }), 'since'],
  ['a week date', () => ({ since: '2026-W48-1' }), 'since'],
  ['an ordinal date', () => ({ since: '2026-334' }), 'since'],
  ['a week date as the end', () => ({ since: HOUR_AGO(), until: '2036-W48-1' }), 'until'],
  ['a day that is none', () => ({ since: '2026-02-30T00:00:00Z' }), 'since'],
  ['the year 0', () => ({ since: '0000-01-01T00:00:00Z' }), 'since'],
  ['the year 275760', () => ({ since: '+275760-09-13T00:00:00Z' }), 'since'],
  ['words', () => ({ since: 'yesterday' }), 'since'],
  ['a number', () => ({ since: 1_700_000_000 }), 'since'],
])('%s is no range', async (_what, range, field) => {
  const answer = await replay(await make(), range())
  expect([answer.status, answer.body.error?.details?.[0]?.field], answer.text).toEqual([422, field])
})

test('an end in the future is now, so that what comes later is told once', async () => {
  const before = Date.now()
  const { until } = (await replay(await make(), { since: HOUR_AGO(), until: '2099-01-01T00:00:00Z' })).body.data
  expect(Math.abs(Date.parse(until) - before)).toBeLessThan(60_000)
})

describe('of the whole tenant', () => {
  const all = (method: string, path: string, body?: unknown) => plane.call(method, `webhooks${path}`, body, { key })

  test('every project and the tenant itself; chosen projects alone', async () => {
    const second = await makeProject(plane, { key, enable: true })
    await plane.call('PATCH', `projects/${second}`, { name: 'Renamed' }, { key })
    for (const at of [project, second]) await happen(4, at)
    const types = ['user.enabled', 'project.changed', 'webhook.disabled']
    const { id } = (await all('POST', '', { url: URL_OUTSIDE, types })).body.data
    const { id: chosen } = (await all('POST', '', { url: URL_OUTSIDE, types, project_ids: [second] })).body.data
    await owner.query(
      `insert into platform.audit_event (tenant_id, action, actor_type, resource, resource_id, created_at)
        select tenant_id, 'webhook.disabled', 'system', 'webhook', $2, now() from platform.project where id = $1`,
      [uuid(), id],
    )
    const replays = await Promise.all([id, chosen].map(async (one) => [one, (await all('POST', `/${one}/replay`, { since: HOUR_AGO() })).body.data.id]))
    await runReplays(metering.sql, clock)
    const told = async (one: string) =>
      (await all('GET', `/${one}/deliveries?limit=50`)).body.data.map((row: { type: string; project_id: string | null }) => `${row.type} ${row.project_id}`).toSorted()
    const ofProject = (at: string) => Array(2).fill(`user.enabled ${at}`)
    expect(await told(id)).toEqual(
      [...ofProject(project), ...ofProject(second), `project.changed ${second}`, 'webhook.disabled null'].toSorted(),
    )
    expect(await told(chosen)).toEqual([...ofProject(second), `project.changed ${second}`].toSorted())
    for (const [one, replayId] of replays)
      expect((await all('GET', `/${one}/replays/${replayId}`)).body.data).toMatchObject({ status: 'done' })
    expect((await all('GET', `/${id}/replays`)).body.data).toHaveLength(1)
  })
})

test('the log of deliveries is kept for 30 days, and a message as long as one waits for it', async () => {
  const id = await make()
  await happen(6)
  await replay(id)
  await runReplays(metering.sql, clock)
  await owner.query(`update auth.webhook_message set created_at = now() - interval '31 days' where project_id = $1`, [uuid()])
  const [first, second, third] = await owner.query<{ id: string }>('select id from auth.webhook_delivery where endpoint_id = $1 order by id', [uuid(id)])
  const age = `update auth.webhook_delivery set created_at = now() - $2::interval, status = $3 where id = $1`
  await owner.query(age, [first!.id, '31 days', 'delivered'])
  await owner.query(age, [second!.id, '29 days', 'delivered'])
  await owner.query(age, [third!.id, '31 days', 'pending'])
  await sweepWebhooks(metering.sql, { now: new Date(), limit: 100 })
  const left = await owner.query<{ id: string }>('select id from auth.webhook_delivery where endpoint_id = $1 order by id', [uuid(id)])
  expect(left.map((row) => row.id)).toEqual([second!.id, third!.id])
  const [messages] = await owner.query<{ n: number }>('select count(*)::int as n from auth.webhook_message where project_id = $1', [uuid()])
  expect(messages!.n).toBe(2)
})
