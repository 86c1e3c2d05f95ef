import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DATA_PLANE_URL, makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

const status = (type: string, id: string) => plane.call('GET', `project-auth/status?resource_type=${type}&resource_id=${encodeURIComponent(id)}`)

test('enable, status, config and disable of a resource that had no project', async () => {
  const resource = { resource_type: 'sandbox', resource_id: 'sb/42' }
  expect((await status('sandbox', 'sb/42')).status).toBe(404)
  const enabled = await plane.call('POST', 'project-auth/enable', { ...resource, provider: 'email', config: { signup_enabled: false, token_expiry_sec: 600 } })
  expect(enabled.status).toBe(201)
  expect(enabled.body.data).toMatchObject({
    ...resource, enabled: true, provider: 'email', config: { signup_enabled: false, email_confirm_required: false, token_expiry_sec: 600 },
    auth_url: `${DATA_PLANE_URL}/${enabled.body.data.project_id}`,
  })
  const project = await plane.call('GET', `projects/${enabled.body.data.project_id}`)
  expect(project.body.data).toMatchObject({ name: 'sb/42', resource_type: 'sandbox', external_project_id: 'sb/42' })
  const changed = await plane.call('PATCH', 'project-auth/config', { ...resource, config: { email_confirm_required: true } })
  expect(changed.body.data.config).toEqual({ signup_enabled: false, email_confirm_required: true, token_expiry_sec: 600 })
  expect((await status('sandbox', 'sb/42')).body.data).toEqual(changed.body.data)
  expect((await plane.call('GET', `projects/${enabled.body.data.project_id}/auth`)).body.data.settings).toMatchObject({ allow_signups: false, require_email_confirmation: true })
  expect((await plane.call('POST', 'project-auth/disable', resource)).body.data.enabled).toBe(false)
  expect((await plane.call('POST', 'project-auth/enable', resource)).status).toBe(200)
})

test('a project is also known by its own id, under its type only', async () => {
  const id = await makeProject(plane)
  for (const form of [id, id.slice(5)]) expect((await status('project', form)).body.data).toMatchObject({ project_id: id, enabled: false })
  expect((await status('deployment', id)).status).toBe(404)
  expect((await plane.call('PATCH', 'project-auth/config', { resource_type: 'project', resource_id: id, config: {} })).body.error.code).toBe('auth_not_enabled')
})

test('ten first calls at once make one project and one 201', async () => {
  const body = { resource_type: 'deployment', resource_id: 'race' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => plane.call('POST', 'project-auth/enable', body)))
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([...Array<number>(9).fill(200), 201])
  expect(new Set(answers.map((answer) => answer.body.data.project_id)).size).toBe(1)
})

test('a key without projects:write cannot make the project', async () => {
  const { key } = (await plane.call('POST', 'api-keys', { name: 'auth only', scopes: ['auth:write'] })).body.data
  expect((await plane.call('POST', 'project-auth/enable', { resource_type: 'sandbox', resource_id: 'nope' }, { key })).body.error.code).toBe('insufficient_scope')
})

test.each<[Record<string, unknown>, number, string]>([
  [{}, 422, 'validation_error'],
  [{ resource_type: 'moon', resource_id: 'x' }, 422, 'validation_error'],
  [{ resource_type: 'project' }, 422, 'validation_error'],
  [{ resource_type: 'project', resource_id: '' }, 422, 'validation_error'],
  [{ resource_type: 'project', resource_id: 'x', config: [] }, 422, 'validation_error'],
  [{ resource_type: 'project', resource_id: 'x', config: { colour: 1 } }, 422, 'validation_error'],
  [{ resource_type: 'project', resource_id: 'x', signup_enabled: true, config: { signup_enabled: false } }, 422, 'conflicting_settings'],
  [{ resource_type: 'project', resource_id: 'x', signup_enabled: true, config: { allow_signups: false } }, 422, 'conflicting_settings'],
  [{ resource_type: 'project', resource_id: `proj_${randomUUID()}` }, 404, 'not_found'],
])('enable with %j is refused', async (body, code, name) => {
  const answer = await plane.call('POST', 'project-auth/enable', body)
  expect([answer.status, answer.body.error.code]).toEqual([code, name])
  expect((await plane.call('GET', 'projects?external_project_id=x')).body.page.total).toBe(0)
})
