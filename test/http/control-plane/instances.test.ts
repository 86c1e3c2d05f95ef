import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { connect } from '../../support/sql.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

const list = async (id: string, query = '') => (await plane.call('GET', `projects/${id}/instances${query}`)).body

test('an instance from before a change runs on, is unchanged, and is seen to be behind', async () => {
  const id = await makeProject(plane)
  const early = (await plane.call('POST', `projects/${id}/instances`, { name: 'web-1', metadata: { region: 'eu' } })).body.data
  await plane.call('POST', `projects/${id}/auth`, {})
  const beat = await plane.call('POST', `projects/${id}/instances/${early.id}/heartbeat`)
  expect(beat.body.data).toMatchObject({ id: early.id, env_version: early.env_version, current: false, heartbeat_seconds: 30 })
  expect(beat.body.data.latest_env_version).toBeGreaterThan(early.env_version)
  const [row] = (await list(id)).data
  expect(row).toMatchObject({
    id: early.id,
    name: 'web-1',
    metadata: { region: 'eu' },
    env_version: early.env_version,
    current: false,
    live: true,
    ended_at: null,
  })
})

test('an instance that is silent for three heartbeats is not live, and is again when it reports', async () => {
  const id = await makeProject(plane)
  const { id: instance } = (await plane.call('POST', `projects/${id}/instances`)).body.data
  await plane.advance(91)
  expect((await list(id)).data[0].live).toBe(false)
  expect((await list(id, '?live=true')).page.total).toBe(0)
  await plane.call('POST', `projects/${id}/instances/${instance}/heartbeat`)
  expect((await list(id, '?live=true')).data[0].id).toBe(instance)
})

test('an ended instance stays in the list, takes no heartbeat, and can be ended twice', async () => {
  const id = await makeProject(plane)
  const { id: instance } = (await plane.call('POST', `projects/${id}/instances`, {})).body.data
  const ended = await plane.call('DELETE', `projects/${id}/instances/${instance}`)
  expect(ended.body.data).toMatchObject({ id: instance, live: false })
  expect((await plane.call('DELETE', `projects/${id}/instances/${instance}`)).body).toEqual(ended.body)
  expect((await plane.call('POST', `projects/${id}/instances/${instance}/heartbeat`)).status).toBe(404)
  expect((await list(id)).data[0].ended_at).toBe(ended.body.data.ended_at)
})

test('the list is paged', async () => {
  const id = await makeProject(plane)
  const ids: string[] = []
  for (let i = 0; i < 5; i += 1) ids.unshift((await plane.call('POST', `projects/${id}/instances`, {})).body.data.id)
  const first = await list(id, '?limit=3')
  const second = await list(id, `?limit=3&cursor=${first.page.next_cursor}`)
  expect([...first.data, ...second.data].map((row: { id: string }) => row.id)).toEqual(ids)
  expect(second.page).toEqual({ limit: 3, next_cursor: null, total: 5 })
})

test('an unknown or malformed instance is 404', async () => {
  const id = await makeProject(plane)
  for (const instance of [`inst_${randomUUID()}`, 'x', `key_${randomUUID()}`]) {
    expect((await plane.call('POST', `projects/${id}/instances/${instance}/heartbeat`)).status).toBe(404)
    expect((await plane.call('DELETE', `projects/${id}/instances/${instance}`)).status).toBe(404)
  }
})

test.each([{ name: 5 }, { name: 'x'.repeat(201) }, { metadata: 'x' }, { env: {} }, { metadata: { big: 'x'.repeat(17_000) } }])(
  'boot with %j is refused',
  async (body) => {
    const id = await makeProject(plane)
    expect((await plane.call('POST', `projects/${id}/instances`, body)).status).toBe(422)
  },
)

test('boots that race with enabling get either nothing or the whole pair, and their version says which', async () => {
  const id = await makeProject(plane)
  const [enabled, ...boots] = await Promise.all([
    plane.call('POST', `projects/${id}/auth`, {}),
    ...Array.from({ length: 30 }, () => plane.call('POST', `projects/${id}/instances`, {})),
  ])
  const version = enabled.body.data.env_version
  for (const boot of boots) {
    const { env, env_version: at } = boot.body.data
    expect(Object.keys(env)).toHaveLength(at === version ? 3 : 0)
  }
})

test('every boot is audited with the key that it was handed the secret for; a crash loop leaves a bounded number of rows', async () => {
  const id = await makeProject(plane)
  await plane.call('POST', `projects/${id}/auth`, {})
  const booted = async () => (await plane.call('GET', `projects/${id}/audit-log?action=instance.booted&limit=100`)).body
  const { id: instance, env } = (await plane.call('POST', `projects/${id}/instances`, { name: 'web-1' })).body.data
  const [row] = (await booted()).data
  expect(row).toMatchObject({
    action: 'instance.booted',
    actor_type: 'api_key',
    resource: 'instance',
    resource_id: instance,
    metadata: { boots: 1, secret: true },
  })
  expect(row.actor_id).toMatch(/^key_/)
  expect(JSON.stringify(row)).not.toContain(env.AUTH_JWT_SECRET)
  const admin = await connect(plane.database.url)
  await admin.query(
    `insert into auth.instance (project_id, id, metadata, env_version, kids, booted_at, last_seen_at)
      select $1, gen_random_uuid(), '{}', 1, '{}', $2, $2 from generate_series(1, 1000)`,
    [id.slice(5), new Date((await plane.call('GET', `projects/${id}/instances`)).body.data[0].booted_at)],
  )
  await admin.close()
  for (let count = 0; count < 3; count += 1) expect((await plane.call('POST', `projects/${id}/instances`)).status).toBe(201)
  expect((await booted()).data).toHaveLength(1)
})
