import { SealedBox } from '@portico/crypto/sealed-box'
import { createLogger } from '@portico/http/request-log'
import { MovableClock } from '@portico/kernel/clock'
import { SendWebhook } from '@portico/platform/webhooks/send-webhook'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollUpActive, watchLimits } from '@portico/platform/records/roll-up.store'
import { RollUp } from '../../../apps/worker/metering/roll-up.js'
import { WebhookRelay } from '../../../apps/worker/webhooks/webhook-relay.js'
import { Portico, type UsageRow } from '../../../libs/sdk-js/portico.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, PASSWORD, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { connect, type Connection } from '../../support/sql.js'
import { startReceiver } from '../../support/webhook-receiver.js'

let plane: TestControlPlane
let data: RunningDataPlane
let metering: TestMetering
let owner: Connection
let key: string
let project: string
const clock = new MovableClock()

beforeAll(async () => {
  plane = await startControlPlane()
  data = await startDataPlane(plane.database, { clock })
  metering = meteringOf(plane.database, clock)
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await metering?.close()
  await data?.close()
  await owner?.close()
  await plane?.stop()
})
beforeEach(async () => {
  key = await makeTenant(plane)
  project = await makeProject(plane, { key, enable: true })
})

let people = 0
const email = () => `person-${++people}@example.com`
const signUp = (address = email(), of = project) => call(`${data.url}/${of}/signup`, { body: { email: address, password: PASSWORD } })
const logIn = (address: string) => call(`${data.url}/${project}/login`, { body: { email: address, password: PASSWORD } })
const usage = async (query = '', as = key) => {
  const answer = await plane.call('GET', `usage${query}`, undefined, { key: as })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
const bare = (id: string) => id.slice('proj_'.length)
const settings = (change: object) => plane.call('PATCH', `projects/${project}/auth`, change, { key })
const eventsOf = async (action: string) =>
  (await plane.call('GET', `projects/${project}/audit-log?action=${action}`, undefined, { key })).body.data as { metadata: object }[]

/** Everything again, from the tables. */
async function recount(id: string): Promise<Record<string, unknown>> {
  const one = async (text: string) => Number((await owner.query<{ n: string }>(text, [bare(id)]))[0]!.n)
  const sessions = await owner.query<{ method: string; n: string }>(
    `select case metadata->'amr'->>0 when 'pwd' then 'password' else 'other' end as method, count(*) as n from auth.audit_event
      where project_id = $1 and action = 'session.started' group by 1`,
    [bare(id)],
  )
  return {
    active_people: await one('select count(distinct end_user_id) as n from auth.session where project_id = $1'),
    sign_ups: await one(`select count(*) as n from auth.audit_event where project_id = $1 and action = 'user.signed_up'`),
    sign_ins_by_method: Object.fromEntries(sessions.map(({ method, n }) => [method, Number(n)])),
    stored_people: await one('select count(*) as n from auth.end_user where project_id = $1'),
    mails: {
      sent: await one(`select count(*) as n from auth.outbox where project_id = $1 and status = 'sent'`),
      skipped: await one(`select count(*) as n from auth.outbox where project_id = $1 and status = 'skipped'`),
      not_sent: await one(`select count(*) as n from auth.outbox where project_id = $1 and status = 'not_sent'`),
      dead: await one(`select count(*) as n from auth.outbox where project_id = $1 and status = 'dead'`),
    },
    webhooks: {
      delivered: await one(`select count(*) as n from auth.webhook_delivery where project_id = $1 and status = 'delivered'`),
      failed: await one(`select count(*) as n from auth.webhook_delivery where project_id = $1 and status = 'failed'`),
    },
  }
}

test('numbers equal a recount from the tables, although workers were killed in the midst of counting and sending', async () => {
  const receiver = await startReceiver()
  const made = await plane.call('POST', `projects/${project}/webhooks`, { url: receiver.url }, { key })
  expect(made.status).toBe(201)
  const refusing = await startReceiver(() => 500)
  const bad = (await plane.call('POST', `projects/${project}/webhooks`, { url: refusing.url, types: ['user.signed_up'] }, { key })).body.data
  const send = new SendWebhook(new SealedBox({ current: testMasterKey() }), clock, { allowLoopback: true })
  const logger = createLogger({ service: 'worker', level: 'silent' })
  const relay = new WebhookRelay({ sql: metering.sql, send, clock, logger, pollMs: 20 })
  relay.start()
  const addresses = Array.from({ length: 8 }, email)
  const working = (async () => {
    for (const address of addresses) {
      expect((await signUp(address)).status).toBe(201)
      expect((await logIn(address)).status).toBe(200)
    }
    for (const address of addresses.slice(0, 3)) await call(`${data.url}/${project}/password-reset`, { body: { email: address } })
  })()
  // Meanwhile whatever counts or writes an end loses its connection, again and again; the relays try again.
  let busy = true
  const killing = (async () => {
    while (busy) {
      await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-metering' and datname = current_database()`)
      await metering.relay.round().catch(() => undefined)
      await metering.rollUp.run().catch(() => undefined)
    }
  })()
  await working
  busy = false
  await killing
  await owner.query(
    `update auth.outbox set status = case when kind = 'email_confirm' then 'sent' else 'skipped' end, done_at = $2 where project_id = $1`,
    [bare(project), clock.now()],
  )
  await metering.settle()
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(16)
  // What waits for an endpoint that is turned off has failed.
  expect((await plane.call('PATCH', `projects/${project}/webhooks/${bad.id}`, { enabled: false }, { key })).status).toBe(200)
  await expect
    .poll(async () => (await owner.query('select 1 from auth.webhook_delivery where project_id = $1 and status = $2', [bare(project), 'pending'])).length, { timeout: 10_000 })
    .toBe(0)
  await relay.stop()
  clock.advanceSeconds(15)
  await metering.settle()
  await Promise.all([receiver.close(), refusing.close()])
  const [row] = (await usage('?interval=month')).data
  expect(row).toMatchObject(await recount(project))
  const figures = { sign_ups: 8, sign_ins: 8, active_people: 8, stored_people: 8 }
  expect(row).toMatchObject({ project_id: project, ...figures, sign_ups_by_method: { password: 8 }, final: false })
  expect(row.webhooks.failed).toBe(8)
  // The same by day, the same over the tenant, and the same when asked again.
  expect((await usage('?interval=month&group_by=project')).data[0]).toEqual(row)
  const [day] = (await usage('')).data.toReversed()
  expect(day).toMatchObject({ sign_ups: 8, sign_ins: 8, active_people: 8, webhooks: row.webhooks })
  const all = (await usage('?interval=month&group_by=tenant')).data.at(-1)
  expect(all).toMatchObject({ project_id: null, ...figures, webhooks: row.webhooks, mails: row.mails })
  expect((await usage('?interval=month')).data[0]).toEqual(row)
})

test('hashing time is measured, written down at the latest when the process stops, and said to be «at least»', async () => {
  const own = await startDataPlane(plane.database, { clock })
  await call(`${own.url}/${project}/signup`, { body: { email: email(), password: PASSWORD } })
  await own.close()
  const body = await usage('?interval=month')
  expect(body.data[0].hash_ms).toBeGreaterThan(0)
  expect(body.exactness).toMatchObject({ hash_ms: 'at_least', stored_people: 'as_counted_at', sign_ups: 'exact' })
})

test('rows have one id for ever, are final once everything of the period is counted, and come page by page', async () => {
  const second = await makeProject(plane, { key, enable: true })
  await signUp()
  await metering.settle()
  const rows: UsageRow[] = []
  const sdk = new Portico({ apiKey: key, baseUrl: plane.url })
  for await (const row of sdk.usage.list({ interval: 'day', from: new Date(Date.now() - 86_400_000), limit: 1 })) rows.push(row)
  expect(rows.map(({ projectId }) => projectId).toSorted()).toEqual([project, second].toSorted())
  expect(rows.find(({ projectId }) => projectId === project)!.id).toBe(`usage_${bare(project)}_${clock.now().toISOString().slice(0, 10)}`)
  expect(rows.every(({ final }) => !final)).toBe(true)
  const own = (await sdk.usage.ofProject(project, { interval: 'month' })).data
  expect(own).toMatchObject([{ projectId: project, signUps: 1 }])
  clock.advanceSeconds(86_400 + 900)
  await metering.settle()
  await new RollUp(metering.sql, clock).run()
  const later = (await usage(`?from=${rows[0]!.startsAt}&to=${clock.now().toISOString()}`)).data.filter((row: { project_id: string }) => row.project_id === project)
  const before = rows.find(({ projectId }) => projectId === project)!
  expect(later.find(({ id }: { id: string }) => id === before.id)).toMatchObject({ final: true, sign_ups: 1 })
  expect(later.at(-1).final).toBe(false)
  // Another tenant sees none of it.
  expect((await usage('?interval=month', await makeTenant(plane))).data).toEqual([])
  for (const query of ['from=2026-11-30T00:00:00Z&to=2026-11-29T00:00:00Z', 'from=2020-01-01T00:00:00Z', 'interval=week', 'group_by=person'])
    expect((await plane.call('GET', `usage?${query}`, undefined, { key })).status, query).toBe(422)
})

test('a limit of people pauses sign-ups and never log-ins, is told at 80 and 100 percent, once, and lifts with room', async () => {
  await settings({ max_people: 5 })
  const first = email()
  await signUp(first)
  for (let i = 0; i < 3; i++) await signUp()
  await metering.settle()
  expect((await eventsOf('usage.threshold')).map(({ metadata }) => metadata)).toEqual([{ metric: 'max_people', percent: 80, value: 4, limit: 5 }])
  await signUp()
  clock.advanceSeconds(15)
  await metering.settle()
  expect(await eventsOf('usage.threshold')).toHaveLength(2)
  expect(await eventsOf('usage.sign_ups_paused')).toHaveLength(1)
  await expect.poll(async () => (await signUp()).status).toBe(403)
  const refused = await signUp()
  expect(refused.body.error).toMatchObject({ code: 'signups_disabled', details: [{ field: 'max_people', code: 'limit_reached' }] })
  expect(refused.body.error.message).toContain('limit')
  expect((await logIn(first)).status).toBe(200)
  // An operator is no stranger.
  expect((await plane.call('POST', `projects/${project}/users`, { email: email() }, { key })).status).toBe(201)
  await settings({ max_people: 50 })
  clock.advanceSeconds(15)
  await metering.settle()
  await expect.poll(async () => (await signUp()).status).toBe(201)
  expect(await eventsOf('usage.sign_ups_resumed')).toHaveLength(1)
})

test('twenty workers at once tell a threshold and a pause once', async () => {
  await settings({ max_people: 1 })
  await signUp()
  await metering.relay.round()
  await metering.rollUp.run()
  await owner.query('update auth.service set sign_ups_paused = null where project_id = $1', [bare(project)])
  await owner.query('delete from auth.usage_threshold where project_id = $1', [bare(project)])
  await owner.query(`delete from auth.audit_event where project_id = $1 and action like 'usage.%'`, [bare(project)])
  await Promise.all(Array.from({ length: 20 }, () => watchLimits(metering.sql, clock.now())))
  expect((await eventsOf('usage.threshold')).map(({ metadata }) => (metadata as { percent: number }).percent).toSorted()).toEqual([100, 80])
  expect(await eventsOf('usage.sign_ups_paused')).toHaveLength(1)
})

test('whoever uses a session on a day was active on that day: no more people and no fewer, by day and by month', async () => {
  const own = new MovableClock()
  const early = await startDataPlane(plane.database, { clock: own })
  const address = email()
  const at = `${early.url}/${project}`
  const first = await call(`${at}/signup`, { body: { email: address, password: PASSWORD } })
  const second = await call(`${at}/signup`, { body: { email: email(), password: PASSWORD } })
  expect([first.status, second.status]).toEqual([201, 201])
  const days: string[] = [own.now().toISOString().slice(0, 10)]
  let refresh = first.body.refresh_token as string
  // One of the two comes again, for two days, more than once; the other does not.
  for (let day = 0; day < 2; day += 1) {
    own.advanceSeconds(86_400)
    days.push(own.now().toISOString().slice(0, 10))
    for (let i = 0; i < 2; i += 1) refresh = (await call(`${at}/refresh`, { body: { refresh_token: refresh } })).body.refresh_token
  }
  await early.close()
  await metering.settle()
  for (const day of days) await rollUpActive(metering.sql, day)
  const counted = await owner.query<{ kind: string; at: string; count: string }>(`select kind, to_char(hour at time zone 'UTC', 'YYYY-MM-DD') as at, count
    from auth.hourly_count where project_id = $1 and kind like 'active.%' order by hour, kind`, [bare(project)])
  const byDay = counted.filter(({ kind }) => kind === 'active.day').map(({ at: day, count }) => [day, Number(count)])
  expect(byDay).toEqual([[days[0], 2], [days[1], 1], [days[2], 1]])
  const months = [...new Set(days.map((day) => `${day.slice(0, 7)}-01`))]
  const used = (month: string) => (days[0]!.startsWith(month.slice(0, 7)) ? 2 : 1)
  const byMonth = counted.filter(({ kind }) => kind === 'active.month').map(({ at: month, count }) => [month, Number(count)])
  expect(byMonth).toEqual(months.map((month) => [month, used(month)]))
})

test('a limit of monthly active people does the same until the next month', async () => {
  await settings({ max_monthly_active: 1 })
  await signUp()
  await metering.settle()
  await expect.poll(async () => (await signUp()).body.error?.details?.[0]?.field).toBe('max_monthly_active')
  clock.advanceSeconds(32 * 86_400)
  await metering.settle()
  await expect.poll(async () => (await signUp()).status).toBe(201)
})
