import { MovableClock } from '@portico/kernel/clock'
import { finishWebhooks } from '@portico/platform/records/webhook-delivery.store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { connect, type Connection } from '../../support/sql.js'

const FIVE_DAYS = 5 * 86_400
let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
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

const uuid = (id: string) => id.slice(id.indexOf('_') + 1)

test.each([
  ['a project', (project: string) => `projects/${project}/webhooks`, (name: string) => `app.example.org:8443 (${name})`],
  ['the tenant', () => 'webhooks', () => 'app.example.org:8443'],
])('an endpoint of %s that took nothing for five days: one event and one mail to each owner and admin, of all workers that find out', async (_what, at, named) => {
  const key = await makeTenant(plane)
  const project = await makeProject(plane, { key, enable: true })
  const { name } = (await plane.call('GET', `projects/${project}`, undefined, { key })).body.data
  const { id } = (await plane.call('POST', at(project), { url: 'https://93.184.216.34/hook' }, { key })).body.data
  const people = ['owner', 'admin', 'viewer'].map((role) => ({ role, id: crypto.randomUUID() }))
  for (const { role, id: person } of people)
    await owner.query(
      `insert into platform.member (tenant_id, user_id, role, source, created_at, updated_at)
        select tenant_id, $2, $3, 'team', now(), now() from platform.project where id = $1`,
      [uuid(project), person, role],
    )
  const table = at(project) === 'webhooks' ? 'platform.webhook_endpoint' : 'auth.webhook_endpoint'
  const since = new Date(clock.now().getTime() - (FIVE_DAYS + 60) * 1_000)
  await owner.query(`update ${table} set url = 'https://app.example.org:8443/hook?key=secret', failing_since = $2 where id = $1`, [uuid(id), since])
  const sent: string[] = []
  for (let i = 0; i < 12; i++) sent.push((await plane.call('POST', `${at(project)}/${id}/test`, undefined, { key })).body.data.id)
  const refused = (delivery: string) => ({
    projectId: uuid(project), id: delivery, ok: false, untried: false, nextAttemptAt: null,
    entry: { at: clock.now().toISOString(), durationMs: 1, status: 500, error: 'refused', response: null },
  })
  const options = { now: clock.now(), offAfterSeconds: FIVE_DAYS }
  const ends = await Promise.all(sent.map((one) => finishWebhooks(metering.sql, [refused(one)], options)))
  expect(ends.flat()).toEqual([{ projectId: uuid(project), endpointId: uuid(id) }])
  expect((await plane.call('GET', `${at(project)}/${id}`, undefined, { key })).body.data).toMatchObject({ enabled: false, disabled_reason: 'failing' })
  const events = await owner.query(
    `select action from auth.audit_event where resource_id = $1 and action = 'webhook.disabled'
      union all select action from platform.audit_event where resource_id = $1 and action = 'webhook.disabled'`,
    [id],
  )
  expect(events).toHaveLength(1)
  const mails = await owner.query<{ project_id: string; kind: string; payload: Record<string, unknown> }>(
    `select o.project_id, o.kind, o.payload from auth.outbox o where o.payload->>'end_user_id' = any ($1)`,
    [people.map((one) => one.id)],
  )
  const about = { connection: named(name), date: since.toISOString().slice(0, 10) }
  const [{ people_project_id: console }] = (await owner.query<{ people_project_id: string }>('select people_project_id from platform.console')) as [{ people_project_id: string }]
  expect(mails.toSorted((a, b) => String(a.payload['end_user_id']).localeCompare(String(b.payload['end_user_id'])))).toEqual(
    people
      .slice(0, 2)
      .toSorted((a, b) => a.id.localeCompare(b.id))
      .map(({ id: person }) => ({ project_id: console, kind: 'security_notice', payload: { end_user_id: person, event: 'webhook_disabled', about } })),
  )
})
