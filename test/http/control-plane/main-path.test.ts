import { afterAll, beforeAll, expect, test } from 'vitest'
import { DATA_PLANE_URL, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

test('create, boot, enable, boot again, read the environment, disable', async () => {
  const made = await plane.call('POST', 'projects', { name: 'Blue Bakery' })
  expect(made.status).toBe(201)
  expect(made.body.data).toMatchObject({
    name: 'Blue Bakery',
    slug: 'blue-bakery',
    external_project_id: null,
    metadata: {},
    archived_at: null,
  })
  const id: string = made.body.data.id
  expect(id).toMatch(/^proj_[0-9a-f-]{36}$/)

  const before = await plane.call('POST', `projects/${id}/instances`, { name: 'early' })
  expect(before.status).toBe(201)
  expect(before.body.data.env).toEqual({})

  const enabled = await plane.call('POST', `projects/${id}/auth`, { allow_signups: true, providers: ['email'] })
  expect(enabled.status).toBe(201)
  expect(enabled.body.data).toMatchObject({
    project_id: id,
    enabled: true,
    auth_url: `${DATA_PLANE_URL}/${id}`,
    settings: { allow_signups: true, providers: ['email'], token_algorithm: 'HS256', access_token_ttl_seconds: 3600 },
  })
  expect(enabled.body.data.keys.map((key: { state: string }) => key.state).toSorted()).toEqual(['current', 'standby'])

  const after = await plane.call('POST', `projects/${id}/instances`, {})
  expect(after.body.data.env).toEqual({
    AUTH_URL: `${DATA_PLANE_URL}/${id}`,
    AUTH_JWT_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/),
    AUTH_JWT_SECRET_NEXT: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(after.body.data).toMatchObject({ project_id: id, heartbeat_seconds: 30 })
  expect(after.body.data.env_version).toBeGreaterThan(before.body.data.env_version)
  const secret = after.body.data.env.AUTH_JWT_SECRET
  expect(enabled.text).not.toContain(secret)

  const again = await plane.call('POST', `projects/${id}/auth`, {})
  expect(again.status).toBe(200)
  const env = await plane.call('GET', `projects/${id}/runtime-env`)
  expect(env.body.data).toEqual({ env: after.body.data.env, env_version: after.body.data.env_version })

  const list = await plane.call('GET', `projects/${id}/instances`)
  expect(list.body.data.map((row: { id: string; current: boolean; live: boolean }) => [row.id, row.current, row.live])).toEqual([
    [after.body.data.id, true, true],
    [before.body.data.id, false, true],
  ])

  const disabled = await plane.call('DELETE', `projects/${id}/auth`)
  expect(disabled.body.data.enabled).toBe(false)
  expect((await plane.call('POST', `projects/${id}/instances`, {})).body.data.env).toEqual({})
  const back = await plane.call('POST', `projects/${id}/auth`, {})
  expect(back.status).toBe(200)
  expect((await plane.call('POST', `projects/${id}/instances`, {})).body.data.env.AUTH_JWT_SECRET).toBe(secret)
})
