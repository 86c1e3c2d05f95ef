import { AuthError } from '@portico/kernel/auth-error'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

const records = new Map<string, string[]>()
let dnsAnswers = true
let plane: TestControlPlane
beforeAll(async () => {
  const txtResolver = {
    lookUp: async (name: string) => {
      if (!dnsAnswers) throw new AuthError('unavailable')
      return records.get(name) ?? []
    },
  }
  plane = await startControlPlane({ overrides: { txtResolver } })
})
afterAll(() => plane?.stop())
beforeEach(() => {
  dnsAnswers = true
})

const add = (id: string, hostname: unknown) => plane.call('POST', `projects/${id}/domains`, { hostname })
const verify = (id: string, domain: string) => plane.call('POST', `projects/${id}/domains/${domain}/verify`)

test('a domain is proved by a TXT record, once, and then serves the project', async () => {
  const id = await makeProject(plane)
  const added = await add(id, 'Auth.Bakery.example.')
  expect(added.status).toBe(201)
  const { id: domain, verification } = added.body.data
  expect(added.body.data).toMatchObject({
    hostname: 'auth.bakery.example',
    verified: false,
    verification: { type: 'TXT', name: '_portico.auth.bakery.example' },
  })
  const early = await verify(id, domain)
  expect([early.status, early.body.error.details[0].code]).toEqual([422, 'proof_not_found'])
  records.set(verification.name, ['v=spf1 -all', verification.value])
  expect((await verify(id, domain)).body.data.verified).toBe(true)
  expect((await verify(id, domain)).body.data.verified).toBe(true)
  const log = await plane.call('GET', `projects/${id}/audit-log`)
  expect(log.body.data.map((row: { action: string }) => row.action)).toEqual(['domain.verified', 'domain.added'])
  expect((await plane.call('GET', `projects/${id}/domains`)).body.data).toMatchObject([{ id: domain, verified: true }])
  expect((await plane.call('DELETE', `projects/${id}/domains/${domain}`)).body.data).toEqual({ id: domain, deleted: true })
  expect((await plane.call('GET', `projects/${id}/domains`)).body.data).toEqual([])
})

test('two projects may announce a host name; who proves it first holds it', async () => {
  const [a, b] = [await makeProject(plane), await makeProject(plane)]
  const first = (await add(a, 'shop.example')).body.data
  const second = (await add(b, 'shop.example')).body.data
  records.set('_portico.shop.example', [first.verification.value, second.verification.value])
  const answers = await Promise.all([verify(a, first.id), verify(b, second.id)])
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 409])
  const third = await makeProject(plane)
  expect((await add(third, 'shop.example')).body.error.code).toBe('conflict')
})

test('the same host name twice in a project is a conflict', async () => {
  const id = await makeProject(plane)
  await add(id, 'twice.example')
  expect((await add(id, 'twice.example')).status).toBe(409)
})

test('when DNS does not answer, the call is 503 and can be repeated', async () => {
  const id = await makeProject(plane)
  const { id: domain } = (await add(id, 'slow.example')).body.data
  dnsAnswers = false
  const answer = await verify(id, domain)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
})

test.each([
  'localhost',
  '127.0.0.1',
  'a',
  '',
  'x_y.example',
  '-x.example',
  'x.example/path',
  'https://x.example',
  'x.example:443',
  'auth.example.test',
  'sub.auth.example.test',
  5,
])('the host name %j is refused', async (hostname) => {
  const id = await makeProject(plane)
  expect((await add(id, hostname)).status).toBe(422)
})
