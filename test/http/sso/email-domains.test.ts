import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

const records = new Map<string, string[]>()
let plane: TestControlPlane
let project: string
beforeAll(async () => {
  const domainDns = { txt: async (name: string) => records.get(name) ?? [], pointsTo: async () => false }
  plane = await startControlPlane({ overrides: { domainDns } })
  project = await makeProject(plane, { enable: {} })
})
afterAll(() => plane?.stop())

const call = (method: string, path: string, body?: unknown) => plane.call(method, `projects/${project}/${path}`, body)
const organization = async (name: string) => (await call('POST', 'organizations', { name })).body.data.id as string

test('a mail domain is proven by a TXT record; of two owners who name it the first with the proof holds it', async () => {
  const [acme, other] = [await organization('Acme'), await organization('Other')]
  const first = (await call('POST', 'email-domains', { domain: '@Acme.example.', organization_id: acme })).body.data
  const second = (await call('POST', 'email-domains', { domain: 'acme.example', organization_id: other })).body.data
  expect(first).toMatchObject({ domain: 'acme.example', verified: false, verification: { type: 'TXT', name: '_sso-domain.acme.example' } })
  const verify = (id: string) => call('POST', `email-domains/${id}/verify`)
  // The proof of a host name, or of the other one, is none.
  records.set(first.verification.name, ['v=spf1 -all', second.verification.value])
  records.set('_portico.acme.example', [first.verification.value])
  expect((await verify(first.id)).body.error.details[0].code).toBe('proof_not_found')
  records.set(first.verification.name, [first.verification.value, second.verification.value])
  const answers = await Promise.all([verify(first.id), verify(second.id)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  const holder = answers[0]!.status === 200 ? first : second
  expect((await verify(holder.id)).body.data.verified).toBe(true)
  expect((await call('POST', 'email-domains', { domain: 'acme.example' })).status).toBe(409)
  expect((await call('GET', `email-domains?organization_id=${holder.organization_id}`)).body.data).toMatchObject([{ id: holder.id, verified: true }])
  expect((await call('DELETE', `email-domains/${holder.id}`)).body.data).toEqual({ id: holder.id, deleted: true })
  const log = (await call('GET', 'audit-log')).body.data.map((row: { action: string }) => row.action)
  expect(log.filter((action: string) => action.startsWith('email_domain.'))).toEqual([
    'email_domain.removed', 'email_domain.verified', 'email_domain.added', 'email_domain.added',
  ])
})

test.each(['localhost', 'a b.example', 'exa_mple.com', '127.0.0.1', 'https://acme.example', ''])('%j is no mail domain', async (domain) => {
  const answer = await call('POST', 'email-domains', { domain })
  expect([answer.status, answer.body.error.details[0].field]).toEqual([422, 'domain'])
})
