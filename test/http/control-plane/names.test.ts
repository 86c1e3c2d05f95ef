import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let id: string
beforeAll(async () => {
  plane = await startControlPlane()
  id = await makeProject(plane, { enable: true })
})
afterAll(() => plane?.stop())

const BAD = [
  'Shop\nBcc: eve@example.com',
  'Shop\r\nX: y',
  'Shop\tbar',
  'Shop\u0007',
  'Shop\u0085bar',
  'Shop\u2028bar',
  'Shop\u202egnp.exe',
  '\u200b\u200b',
  'Shop\u001b[31m',
]
const ROUTES: [string, (name: string) => [string, string, Record<string, unknown>], string][] = [
  ['a project', (name) => ['POST', 'projects', { name }], 'name'],
  ['a renamed project', (name) => ['PATCH', `projects/${id}`, { name }], 'name'],
  ["a project's id on the platform", (name) => ['POST', 'projects', { name: 'x', external_project_id: name }], 'external_project_id'],
  ['an API key', (name) => ['POST', 'api-keys', { name, scopes: ['projects:read'] }], 'name'],
  ['a tenant', (name) => ['POST', 'tenants', { name }], 'name'],
  ['an instance', (name) => ['POST', `projects/${id}/instances`, { name }], 'name'],
  [
    'a resource of a published client',
    (name) => ['POST', 'project-auth/enable', { resource_type: 'sandbox', resource_id: name }],
    'resource_id',
  ],
]

describe.each(ROUTES)('the name of %s', (_what, request, field) => {
  test.each(BAD)('is not %j', async (name) => {
    const answer = await plane.call(...request(name))
    expect([answer.status, answer.body.error?.code, answer.body.error?.details?.[0]?.field]).toEqual([422, 'validation_error', field])
  })

  test('may be in any script', async () => {
    expect((await plane.call(...request(`Ärzte 日本語 ${field} 👩‍👩‍👧`))).status).toBeLessThan(300)
  })
})

test.each(['https://*.s3.amazonaws.com', 'https://*.github.io', 'https://*.co.uk', 'https://*.a.run.app/cb'])(
  'a list does not take %s',
  async (pattern) => {
    for (const field of ['redirect_urls', 'allowed_origins']) {
      const answer = await plane.call('PATCH', `projects/${id}/auth`, { [field]: [pattern] })
      expect([answer.status, answer.body.error.details[0].field]).toEqual([422, field])
    }
  },
)
