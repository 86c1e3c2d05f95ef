import { INTERVAL_MS } from '@portico/database/change-feed'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NotedChanges, registerHeardEverywhere } from '../../../apps/control-plane/http/heard-everywhere.hook.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'

/** One look of a data plane. */
const LOOK_MS = 250

describe('the answer to a change', () => {
  let control: TestControlPlane
  let planes: RunningDataPlane[]
  beforeAll(async () => {
    control = await startControlPlane({ overrides: { changeFeedMs: INTERVAL_MS } })
    planes = [
      await startDataPlane(control.database, { changeFeedMs: INTERVAL_MS }),
      await startDataPlane(control.database, { changeFeedMs: INTERVAL_MS }),
    ]
  })
  afterAll(async () => {
    await Promise.all((planes ?? []).map((plane) => plane.close()))
    await control?.stop()
  })

  const said = (project: string) =>
    Promise.all(planes.map(async ({ url }) => (await call(`${url}/${project}/settings`)).body.password_min_length as number))

  test('comes when every data plane knows it: twenty settings in a row, each read at once from two processes', async () => {
    const project = await makeProject(control, { enable: true })
    await said(project)
    for (let length = 9; length < 29; length++) {
      const from = performance.now()
      const { status } = await control.call('PATCH', `projects/${project}/auth`, { password_min_length: length })
      expect([status, await said(project)]).toEqual([200, [length, length]])
      expect(performance.now() - from).toBeGreaterThan(LOOK_MS)
    }
  })

  test('comes when a disabled user is refused everywhere', async () => {
    const project = await makeProject(control, { enable: true })
    for (let round = 0; round < 5; round++) {
      const body = { email: `person${round}@example.com`, password: 'correct horse battery 9!' }
      const made = await control.call('POST', `projects/${project}/users`, body)
      const tokens = await Promise.all(planes.map(async ({ url }) => (await call(`${url}/${project}/login`, { body })).body.access_token as string))
      const checks = () =>
        Promise.all(planes.flatMap(({ url }) => tokens.map(async (token) => (await call(`${url}/${project}/verify`, { body: { token } })).status)))
      expect(await checks()).toEqual([200, 200, 200, 200])
      expect((await control.call('POST', `projects/${project}/users/${made.body.data.id}/disable`)).status).toBe(200)
      expect(await checks()).toEqual([401, 401, 401, 401])
    }
  })
})

test('a read, what was made anew and a refusal wait for nothing, and a change waits no longer than needed', async () => {
  const changes = new NotedChanges()
  const server = fastify()
  registerHeardEverywhere(server, changes)
  server.get('/read', () => ({}))
  server.post('/made', (_request, reply) => reply.code(201).send({}))
  server.post('/refused', (_request, reply) => reply.code(409).send({}))
  server.post('/changed', () => ({}))
  const takes = async (method: 'GET' | 'POST', url: string) => {
    const from = performance.now()
    await server.inject({ method, url })
    return performance.now() - from
  }
  expect(await takes('POST', '/changed')).toBeLessThan(100)
  changes.noted()
  const [read, made, refused, changed] = await Promise.all([
    takes('GET', '/read'), takes('POST', '/made'), takes('POST', '/refused'), takes('POST', '/changed'),
  ])
  for (const quick of [read, made, refused]) expect(quick).toBeLessThan(150)
  expect([changed! > LOOK_MS, changed! < LOOK_MS + 400]).toEqual([true, true])
  expect(await takes('POST', '/changed')).toBeLessThan(100)
  await server.close()
})
