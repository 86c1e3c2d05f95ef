import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let key: string
let a: string
let b: string
beforeAll(async () => {
  plane = await startControlPlane()
  key = await makeTenant(plane)
  a = await makeProject(plane, { key, enable: true })
  b = await makeProject(plane, { key, enable: true })
  await plane.call('PATCH', `projects/${a}`, { name: 'Renamed' }, { key, headers: { 'user-agent': 'audit-test' } })
  await plane.call('DELETE', `projects/${b}/auth`, undefined, { key })
})
afterAll(() => plane?.stop())

const log = async (query = '', path = 'audit-log') => (await plane.call('GET', `${path}?${query}`, undefined, { key })).body
const actions = async (query = '', path = 'audit-log') =>
  (await log(query, path)).data.map((row: { action: string }) => row.action) as string[]

test('the tenant sees what happened in itself and in its projects, newest first', async () => {
  expect(await actions()).toEqual([
    'auth.disabled',
    'project.changed',
    'auth.enabled',
    'project.created',
    'auth.enabled',
    'project.created',
    'tenant.created',
  ])
  const { data } = await log('action=project.changed')
  expect(data).toEqual([
    {
      id: expect.stringMatching(/^evt_/),
      action: 'project.changed',
      actor_type: 'api_key',
      actor_id: expect.stringMatching(/^key_/),
      project_id: null,
      resource: 'project',
      resource_id: a,
      ip: '127.0.0.1',
      user_agent: 'audit-test',
      metadata: { fields: ['name'] },
      created_at: expect.any(String),
    },
  ])
})

test('a project sees its own', async () => {
  expect(await actions('', `projects/${a}/audit-log`)).toEqual(['auth.enabled'])
  expect(await actions('', `projects/${b}/audit-log`)).toEqual(['auth.disabled', 'auth.enabled'])
})

test('filters by actor, action and time', async () => {
  const { data } = await log()
  const changed = data[1]
  expect(await actions(`actor_id=${changed.actor_id}`)).toHaveLength(6)
  expect(await actions('actor_id=key_nobody')).toEqual([])
  expect(await actions(`since=${changed.created_at}`)).toEqual(['auth.disabled', 'project.changed'])
  expect(await actions(`until=${changed.created_at}`)).not.toContain('project.changed')
  expect(await actions('action=auth.enabled', `projects/${b}/audit-log`)).toEqual(['auth.enabled'])
  expect((await plane.call('GET', 'audit-log?since=yesterday', undefined, { key })).status).toBe(422)
})

test.each(['audit-log', 'project'])('the %s is paged without gaps', async (which) => {
  const path = which === 'audit-log' ? 'audit-log' : `projects/${b}/audit-log`
  const all = (await log('', path)).data.map((row: { id: string }) => row.id)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { data: { id: string }[]; page: { next_cursor: string | null } } = await log(
      `limit=1${cursor ? `&cursor=${cursor}` : ''}`,
      path,
    )
    seen.push(...page.data.map((row) => row.id))
    cursor = page.page.next_cursor
  } while (cursor)
  expect(seen).toEqual(all)
  expect((await log('page=2&page_size=1', path)).data[0].id).toBe(all[1])
})

test('the trail of one person: what they did and what was done to them, of this project alone', async () => {
  const made = await plane.call('POST', `projects/${a}/users`, { email: 'ada@example.com' }, { key })
  const other = await plane.call('POST', `projects/${a}/users`, { email: 'bob@example.com' }, { key })
  const id = made.body.data.id as string
  await plane.call('POST', `projects/${a}/users/${id}/disable`, undefined, { key })
  expect(await actions(`user_id=${id.toUpperCase()}`, `projects/${a}/audit-log`)).toEqual(['user.disabled', 'user.created'])
  expect(await actions(`user_id=${id}&action=user.disabled`, `projects/${a}/audit-log`)).toEqual(['user.disabled'])
  expect(await actions(`user_id=${other.body.data.id}`, `projects/${a}/audit-log`)).toEqual(['user.created'])
  expect(await actions(`user_id=${id}`, `projects/${b}/audit-log`)).toEqual([])
  expect((await plane.call('GET', `projects/${a}/audit-log?user_id=ada`, undefined, { key })).status).toBe(422)
})
