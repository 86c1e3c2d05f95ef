import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, PASSWORD, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let data: RunningDataPlane
let metering: TestMetering
let owner: Connection
let key: string
let project: string
let base: string
beforeAll(async () => {
  plane = await startControlPlane()
  data = await startDataPlane(plane.database)
  metering = meteringOf(plane.database, { now: () => data.clock.now() })
  owner = await connect(plane.database.url)
  key = await makeTenant(plane)
  const many = { points: 1_000, window_seconds: 60 }
  project = await makeProject(plane, { key, enable: { limits: { login_client: many, login_account: many } } })
  base = `${data.url}/${project}`
})
afterAll(async () => {
  await metering?.close()
  await data?.close()
  await owner?.close()
  await plane?.stop()
})

const uuid = () => project.slice('proj_'.length)
const stats = async (query = '', of = project) => (await plane.call('GET', `projects/${of}/stats?${query}`, undefined, { key })).body.data
const count = async (sql: string) => Number((await owner.query<{ n: string }>(sql, [uuid()]))[0]!.n)
const sum = (buckets: Record<string, number>[], name: string) => buckets.reduce((all, bucket) => all + bucket[name]!, 0)

describe('after a day of people', () => {
  const refresh: string[] = []
  beforeAll(async () => {
    for (let i = 0; i < 6; i++) {
      const { body } = await call(`${base}/signup`, { body: { email: `person-${i}@example.com`, password: PASSWORD } })
      refresh.push(body['refresh_token'] as string)
    }
    for (let i = 0; i < 4; i++) expect((await call(`${base}/login`, { body: { email: `person-${i}@example.com`, password: PASSWORD } })).status).toBe(200)
    for (let i = 0; i < 3; i++) expect((await call(`${base}/login`, { body: { email: 'person-1@example.com', password: 'a wrong password 1' } })).status).toBe(401)
    await plane.call('POST', `projects/${project}/users`, { email: 'made@example.com', email_verified: true }, { key })
    await call(`${base}/password-reset`, { body: { email: 'person-1@example.com' } })
    await metering.settle()
  })

  test('the figures are those of the tables', async () => {
    const { totals, buckets, funnel, as_of: asOf } = await stats()
    expect(buckets).toHaveLength(24)
    expect(sum(buckets, 'sign_ups')).toBe(6)
    expect(sum(buckets, 'created')).toBe(1)
    expect(sum(buckets, 'sign_ins')).toBe(await count(`select count(*) as n from auth.audit_event where project_id = $1 and action = 'session.started'`))
    expect(buckets.at(-1)).toMatchObject({ sign_ins_by_method: { password: 4 }, failures: 3, active_people: null })
    expect(buckets.at(-1).failures_by_reason).toEqual({ wrong_password: 3 })
    expect(totals).toMatchObject({
      people: await count('select count(*) as n from auth.end_user where project_id = $1'),
      confirmed: await count('select count(email_verified_at) as n from auth.end_user where project_id = $1'),
      open_sessions: await count('select count(*) as n from auth.session where project_id = $1 and ended_at is null'),
      active_today: await count(`select count(distinct end_user_id) as n from auth.session where project_id = $1`),
      mails_waiting: await count(`select count(*) as n from auth.outbox where project_id = $1 and status = 'pending'`),
    })
    expect(totals).toMatchObject({ people: 7, confirmed: 1, active_today: 6, active_this_month: 6 })
    expect(funnel).toEqual({ signed_up: 7, confirmed: 1, signed_in: 6 })
    expect(Date.parse(asOf)).toBeGreaterThan(Date.now() - 60_000)
  })

  test('a person is active once a day and once a month, by whatever session, and by a refreshed one too', async () => {
    data.clock.advanceSeconds(86_400)
    const again = await call(`${base}/refresh`, { body: { refresh_token: refresh[0]! } })
    expect(again.status).toBe(200)
    await call(`${base}/refresh`, { body: { refresh_token: again.body['refresh_token'] as string } })
    const account = await call(`${base}/user`, { token: again.body['access_token'] as string })
    expect(account.status).toBe(200)
    await metering.settle()
    const now = data.clock.now()
    const { buckets } = await stats(`interval=day&to=${now.toISOString()}&from=${new Date(now.getTime() - 86_400_000).toISOString()}`)
    expect(buckets.map((bucket: { active_people: number }) => bucket.active_people)).toEqual([6, 1])
    expect(await count('select count(*) as n from auth.active_month where project_id = $1')).toBeGreaterThanOrEqual(6)
  })

  test('the tenant sees the sum of its projects, and what needs attention', async () => {
    const other = await makeProject(plane, { key, enable: true, name: 'Second' })
    await call(`${data.url}/${other}/signup`, { body: { email: 'else@example.com', password: PASSWORD } })
    await plane.call('POST', `projects/${other}/domains`, { hostname: 'auth.example.org' }, { key })
    await metering.settle()
    const day = data.clock.now()
    const answer = await plane.call('GET', `stats?interval=day&to=${day.toISOString()}`, undefined, { key })
    expect(answer.body.data.totals).toMatchObject({ projects: 2, people: 8 })
    expect(sum(answer.body.data.buckets, 'sign_ups')).toBe(7)
    expect(answer.body.data.attention).toEqual([
      { kind: 'mail_not_configured', detail: null, project_id: null, project_name: null, since: null },
      { kind: 'domain_unverified', detail: 'auth.example.org', project_id: other, project_name: 'Second', since: expect.any(String) },
    ])
  })

  test('a project whose failures rise, and a provider that fails, are pointed at; what is over disappears', async () => {
    const hour = new Date(Math.floor(data.clock.now().getTime() / 3_600_000) * 3_600_000)
    await owner.query(`insert into auth.hourly_count (project_id, hour, kind, detail, count) values ($1, $2, 'sign_in.refused', 'x', 30), ($1, $2, 'provider.refused', 'google', 4)`, [uuid(), hour])
    await metering.settle()
    const kinds = async () =>
      ((await plane.call('GET', 'stats', undefined, { key })).body.data.attention as { kind: string; detail: string }[]).map(({ kind, detail }) => `${kind} ${detail ?? ''}`.trim())
    expect(await kinds()).toEqual(expect.arrayContaining(['failures_rose', 'provider_failing google']))
    await owner.query(`delete from auth.hourly_count where project_id = $1 and hour = $2 and detail in ('x', 'google')`, [uuid(), hour])
    await metering.settle()
    expect(await kinds()).not.toContain('failures_rose')
  })

  test('a flood of refusals counts as many as the log knows of, not as many as it has rows', async () => {
    const before = sum((await stats('interval=day')).buckets, 'failures')
    for (const attempts of [1, 2, 3, 4, 5, 10, 100]) {
      await owner.query(
        `insert into auth.audit_event (project_id, action, actor_type, resource, metadata, created_at) values ($1, 'sign_in.refused', 'anonymous', 'end_user', $2, now())`,
        [uuid(), JSON.stringify({ method: 'password', reason: 'flood', attempts })],
      )
    }
    await metering.settle()
    expect(sum((await stats('interval=day')).buckets, 'failures')).toBe(before + 100)
  })
})

describe('a window', () => {
  test('is of whole hours or days of UTC, of a bounded length, and its ends are checked', async () => {
    const { from, to, interval, buckets } = await stats('interval=hour&from=2026-11-01T10:20:00Z&to=2026-11-01T13:05:00Z')
    expect({ from, to, interval }).toEqual({ from: '2026-11-01T10:00:00.000Z', to: '2026-11-01T13:05:00.000Z', interval: 'hour' })
    expect(buckets.map((bucket: { start: string }) => bucket.start)).toEqual(['10', '11', '12', '13'].map((hour) => `2026-11-01T${hour}:00:00.000Z`))
    for (const query of ['from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'interval=week', 'from=yesterday', 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z']) {
      expect((await plane.call('GET', `projects/${project}/stats?${query}`, undefined, { key })).status, query).toBe(422)
    }
  })

  test('of a project that nobody has counted yet is empty, not an error', async () => {
    const fresh = await makeProject(plane, { key })
    expect(await stats('', fresh)).toMatchObject({ totals: { people: 0, counted_at: null }, funnel: { signed_up: 0 } })
  })
  test('whose sign-up began a session in the same instant is one who signed in', async () => {
    const fresh = await makeProject(plane, { key })
    await owner.query(
      `with person as (
         insert into auth.end_user (project_id, id, email, email_typed, metadata, created_at, updated_at, first_sign_in_at)
         values ($1, gen_random_uuid(), 'ada@example.com', 'ada@example.com', '{}', now(), now(), now()) returning *
       )
       insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
       select project_id, action, 'end_user', id, 'end_user', id, '{"amr": ["fed"], "method": "google"}', created_at
       from person cross join unnest(array['user.signed_up', 'session.started']) action`,
      [fresh.slice('proj_'.length)],
    )
    await metering.settle()
    expect(await stats('', fresh)).toMatchObject({ funnel: { signed_up: 1, signed_in: 1 } })
  })
})
