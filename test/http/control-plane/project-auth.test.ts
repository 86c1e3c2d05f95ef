import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DATA_PLANE_URL,
  makeProject,
  makeTenant,
  startControlPlane,
  type Answer,
  type TestControlPlane,
} from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

const status = (type: string, id: string) =>
  plane.call('GET', `project-auth/status?resource_type=${type}&resource_id=${encodeURIComponent(id)}`)

test('enable, status, config and disable of a resource that had no project', async () => {
  const resource = { resource_type: 'sandbox', resource_id: 'sb/42' }
  expect((await status('sandbox', 'sb/42')).status).toBe(404)
  const enabled = await plane.call('POST', 'project-auth/enable', {
    ...resource,
    provider: 'email',
    config: { signup_enabled: false, token_expiry_sec: 600 },
  })
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
  expect((await plane.call('GET', `projects/${enabled.body.data.project_id}/auth`)).body.data.settings).toMatchObject({
    allow_signups: false,
    require_email_confirmation: true,
  })
  expect((await plane.call('POST', 'project-auth/disable', resource)).body.data.enabled).toBe(false)
  expect((await plane.call('POST', 'project-auth/enable', resource)).status).toBe(200)
})

/** Every route of the family, and what it answers for a resource that is there. */
const FORMS: Record<string, (type: string, id: string, key?: string) => Promise<Answer>> = {
  status: (type, id, key) =>
    plane.call(
      'GET',
      `project-auth/status?resource_type=${type}&resource_id=${encodeURIComponent(id)}`,
      undefined,
      key === undefined ? {} : { key },
    ),
  enable: (type, id, key) =>
    plane.call('POST', 'project-auth/enable', { resource_type: type, resource_id: id }, key === undefined ? {} : { key }),
  config: (type, id, key) =>
    plane.call(
      'PATCH',
      'project-auth/config',
      { resource_type: type, resource_id: id, config: { signup_enabled: true } },
      key === undefined ? {} : { key },
    ),
  disable: (type, id, key) =>
    plane.call('POST', 'project-auth/disable', { resource_type: type, resource_id: id }, key === undefined ? {} : { key }),
}
const TYPES = ['project', 'sandbox', 'deployment']
const projectCount = async (key?: string) =>
  (await plane.call('GET', 'projects', undefined, key === undefined ? {} : { key })).body.page.total as number

test('status says whether auth is on in both ways, and that there is no database', async () => {
  const id = await makeProject(plane, { enable: true })
  const resource = { resource_type: 'project', resource_id: id }
  for (const [form, enabled] of [['status', true], ['disable', false], ['status', false], ['enable', true], ['config', true]] as const) {
    expect((await FORMS[form]?.('project', id))?.body.data, form).toMatchObject({
      ...resource,
      project_id: id,
      enabled,
      state: enabled ? 'enabled' : 'disabled',
      database_id: null,
    })
  }
})

describe.each(TYPES)('a %s', (type) => {
  test.each(Object.keys(FORMS))('is known by the id of a project of the tenant, with and without prefix: %s', async (form) => {
    const id = await makeProject(plane, { enable: true })
    const before = await projectCount()
    for (const resourceId of [id, id.slice(5), id.slice(5).toUpperCase()]) {
      const answer = await FORMS[form]?.(type, resourceId)
      expect(
        [answer?.status, answer?.body.data.project_id, answer?.body.data.resource_type, answer?.body.data.resource_id],
        resourceId,
      ).toEqual([200, id, type, resourceId])
    }
    expect(await projectCount()).toBe(before)
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data.enabled).toBe(form !== 'disable')
  })

  test.each(Object.keys(FORMS))('that another tenant owns is not found, and nothing is made or changed: %s', async (form) => {
    const theirKey = await makeTenant(plane)
    const theirs = await makeProject(plane, { enable: true, key: theirKey })
    const mine = await projectCount()
    const before = (await plane.call('GET', `projects/${theirs}/auth`, undefined, { key: theirKey })).body
    const answer = await FORMS[form]?.(type, theirs)
    expect([answer?.status, answer?.body.error.code]).toEqual([404, 'not_found'])
    expect([await projectCount(), (await plane.call('GET', `projects/${theirs}/auth`, undefined, { key: theirKey })).body]).toEqual([
      mine,
      before,
    ])
  })

  test.each(Object.keys(FORMS))('that is unknown is not found, but enable makes a new one of a sandbox or deployment: %s', async (form) => {
    for (const resourceId of ['new', 'sb_1', 'a/b?c', 'ä ö', randomUUID()].map((id) => `${id}${form}${type}`.slice(-36))) {
      const before = await projectCount()
      const answer = await FORMS[form]?.(type, resourceId)
      if (form !== 'enable' || type === 'project') {
        expect([answer?.status, answer?.body.error.code, await projectCount()], resourceId).toEqual([404, 'not_found', before])
        continue
      }
      expect([answer?.status, await projectCount()], resourceId).toEqual([201, before + 1])
      const made = (await plane.call('GET', `projects/${answer?.body.data.project_id}`)).body.data
      expect(made).toMatchObject({ resource_type: type, external_project_id: resourceId })
      for (const again of Object.keys(FORMS)) expect((await FORMS[again]?.(type, resourceId))?.body.data.project_id).toBe(made.id)
    }
  })
})

test('a project is known by its external id, and no longer once it is archived', async () => {
  const made = (await plane.call('POST', 'projects', { name: 'Known', external_project_id: 'crm-7' })).body.data
  expect((await status('project', 'crm-7')).body.data).toMatchObject({ project_id: made.id, enabled: false, state: 'disabled' })
  expect(
    (await plane.call('PATCH', 'project-auth/config', { resource_type: 'project', resource_id: made.id, config: {} })).body.error.code,
  ).toBe('auth_not_enabled')
  await plane.call('DELETE', `projects/${made.id}`)
  for (const type of TYPES)
    for (const form of Object.keys(FORMS)) expect((await FORMS[form]?.(type, made.id))?.status, `${form} ${type}`).toBe(404)
})

test('ten first calls at once make one project and one 201', async () => {
  const body = { resource_type: 'deployment', resource_id: 'race' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => plane.call('POST', 'project-auth/enable', body)))
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([...Array<number>(9).fill(200), 201])
  expect(new Set(answers.map((answer) => answer.body.data.project_id)).size).toBe(1)
})

test('a key without projects:write cannot make the project', async () => {
  const { key } = (await plane.call('POST', 'api-keys', { name: 'auth only', scopes: ['auth:write'] })).body.data
  expect(
    (await plane.call('POST', 'project-auth/enable', { resource_type: 'sandbox', resource_id: 'nope' }, { key })).body.error.code,
  ).toBe('insufficient_scope')
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
