import { AuthError } from '@portico/kernel/auth-error'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

const records = new Map<string, string[]>()
const aliases = new Map<string, string>()
let dnsAnswers = true
let plane: TestControlPlane
beforeAll(async () => {
  const domainDns = {
    txt: async (name: string) => {
      if (!dnsAnswers) throw new AuthError('unavailable')
      return records.get(name) ?? []
    },
    pointsTo: async (hostname: string, target: string) => aliases.get(hostname) === target,
  }
  plane = await startControlPlane({ overrides: { domainDns } })
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
    state: 'pending',
    verified: false,
    records: [
      { type: 'TXT', name: '_portico.auth.bakery.example', value: verification.value, found: null },
      { type: 'CNAME', name: 'auth.bakery.example', value: 'auth.example.test', found: null },
    ],
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
  // Who comes later learns that it is held by proving it, and not before.
  const third = (await add(await makeProject(plane), 'shop.example')).body.data
  expect(third).toMatchObject({ hostname: 'shop.example', state: 'pending' })
})

/** Announced and proved. */
async function proved(id: string, hostname: string): Promise<string> {
  const { id: domain, verification } = (await add(id, hostname)).body.data
  records.set(verification.name, [verification.value])
  expect((await verify(id, domain)).status).toBe(200)
  return domain
}

const HOUR = 3_600
const actions = async (id: string): Promise<string[]> =>
  (await plane.call('GET', `projects/${id}/audit-log`)).body.data.map((row: { action: string }) => row.action).filter((name: string) => name.startsWith('domain.'))
const first = async (id: string) => (await plane.call('GET', `projects/${id}/domains`)).body.data[0]

test('a domain serves links once its DNS leads here', async () => {
  const id = await makeProject(plane)
  const domain = await proved(id, 'auth.leads.example')
  expect(await first(id)).toMatchObject({ state: 'verified', main: true, records: [{ found: true }, { found: false }] })
  aliases.set('auth.leads.example', 'auth.example.test')
  expect((await verify(id, domain)).body.data).toMatchObject({ state: 'serving', records: [{ found: true }, { found: true }] })
  aliases.delete('auth.leads.example')
  expect((await verify(id, domain)).body.data.state).toBe('verified')
})

test('a domain whose proof is gone serves for three days more, is told once, and comes back by its record', async () => {
  const id = await makeProject(plane)
  const domain = await proved(id, 'auth.gone.example')
  const kept = records.get('_portico.auth.gone.example')!
  records.delete('_portico.auth.gone.example')
  const failing = (await verify(id, domain)).body.data
  expect(failing).toMatchObject({ state: 'failing', verified: true })
  expect(Date.parse(failing.stops_at) - Date.parse(failing.proof_missing_since)).toBe(72 * HOUR * 1_000)
  await plane.advance(71 * HOUR)
  expect((await verify(id, domain)).body.data.state).toBe('failing')
  records.set('_portico.auth.gone.example', kept)
  expect((await verify(id, domain)).body.data).toMatchObject({ state: 'verified', stops_at: null })
  records.delete('_portico.auth.gone.example')
  await verify(id, domain)
  await plane.advance(73 * HOUR)
  expect((await verify(id, domain)).body.error.details[0].code).toBe('proof_not_found')
  expect((await first(id)).state).toBe('pending')
  const story = ['lost', 'failing', 'verified', 'failing', 'verified', 'added']
  expect(await actions(id)).toEqual(story.map((what) => `domain.${what}`))
})

test('a DNS that does not answer takes nothing from anybody', async () => {
  const id = await makeProject(plane)
  const domain = await proved(id, 'auth.silent.example')
  dnsAnswers = false
  expect((await verify(id, domain)).status).toBe(503)
  await plane.advance(100 * HOUR)
  expect((await verify(id, domain)).status).toBe(503)
  expect((await first(id)).state).toBe('verified')
})

test('a domain is claimed by who proves it once the holder’s own proof is gone, and not while it stands', async () => {
  const [holder, claimer] = [await makeProject(plane), await makeProject(plane)]
  const held = await proved(holder, 'auth.claim.example')
  const [proof] = records.get('_portico.auth.claim.example')!
  const claim = (await add(claimer, 'auth.claim.example')).body.data
  expect((await verify(claimer, claim.id)).body.error.details[0].code).toBe('proof_not_found')
  records.set('_portico.auth.claim.example', [proof!, claim.verification.value])
  const both = await verify(claimer, claim.id)
  expect([both.status, both.body.error.details[0].code]).toEqual([409, 'taken'])
  records.set('_portico.auth.claim.example', [claim.verification.value])
  expect((await verify(claimer, claim.id)).body.data.verified).toBe(true)
  expect(await first(holder)).toMatchObject({ id: held, state: 'pending' })
  expect((await actions(holder))[0]).toBe('domain.lost')
  // Back to the first one the same way.
  records.set('_portico.auth.claim.example', [proof!])
  expect((await verify(holder, held)).body.data.verified).toBe(true)
  expect((await first(claimer)).state).toBe('pending')
})

test('of twenty who prove a name at once, one has it', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => makeProject(plane)))
  const domains = await Promise.all(ids.map(async (id) => (await add(id, 'auth.race.example')).body.data))
  records.set('_portico.auth.race.example', domains.map(({ verification }) => verification.value))
  const answers = await Promise.all(ids.map((id, at) => verify(id, domains[at].id)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(409)])
})

test('a domain is handed over to another project of the tenant, with its proof', async () => {
  const [from, to] = [await makeProject(plane), await makeProject(plane)]
  const domain = await proved(from, 'auth.given.example')
  await add(to, 'auth.given.example')
  const over = await plane.call('POST', `projects/${from}/domains/${domain}/hand-over`, { project_id: to })
  expect([over.status, over.body.data]).toEqual([200, { id: domain, project_id: to }])
  expect((await plane.call('GET', `projects/${from}/domains`)).body.data).toEqual([])
  expect((await plane.call('GET', `projects/${to}/domains`)).body.data).toMatchObject([{ id: domain, state: 'verified', main: true }])
  expect([(await actions(from))[0], (await actions(to))[0]]).toEqual(['domain.handed_over', 'domain.received'])
  const again = await plane.call('POST', `projects/${from}/domains/${domain}/hand-over`, { project_id: to })
  expect(again.status).toBe(404)
})

test('a domain is handed to nobody else’s project, and not by a key that is limited to its own', async () => {
  const id = await makeProject(plane)
  const domain = await proved(id, 'auth.mine.example')
  const tenant = (await plane.call('POST', 'tenants', { name: 'Other', slug: 'other-domains' })).body.data
  const theirs = await makeProject(plane, { key: tenant.api_key.key })
  const give = (project: string, key?: string) =>
    plane.call('POST', `projects/${id}/domains/${domain}/hand-over`, { project_id: project }, key === undefined ? {} : { key })
  expect((await give(theirs)).status).toBe(404)
  expect((await give('proj_00000000-0000-4000-8000-000000000000')).status).toBe(404)
  expect((await give('x')).status).toBe(404)
  expect((await give(id)).status).toBe(422)
  const other = await makeProject(plane)
  const limited = (await plane.call('POST', 'api-keys', { name: 'limited', scopes: ['domains:write'], project_ids: [id] })).body.data
  expect((await give(other, limited.key)).status).toBe(404)
  expect((await first(id)).id).toBe(domain)
})

test('the main domain is the one that was proved first, or the one that was made it', async () => {
  const id = await makeProject(plane)
  const [one, two] = [await proved(id, 'one.main.example'), await proved(id, 'two.main.example')]
  const { id: three } = (await add(id, 'three.main.example')).body.data
  const main = async () => (await plane.call('GET', `projects/${id}/domains`)).body.data.filter((each: { main: boolean }) => each.main)
  expect(await main()).toMatchObject([{ id: one }])
  const make = (domain: string) => plane.call('POST', `projects/${id}/domains/${domain}/main`)
  expect((await make(two)).body.data).toMatchObject({ id: two, main: true })
  expect(await main()).toMatchObject([{ id: two }])
  expect((await make(three)).body.error.details[0].code).toBe('not_verified')
  expect((await make('00000000-0000-4000-8000-000000000000')).status).toBe(404)
  // Passkeys stay where they are.
  expect((await plane.call('GET', `projects/${id}/domains`)).body.data.filter((each: { relying_party: boolean }) => each.relying_party)).toMatchObject([{ id: one }])
})

test('environments and AUTH_URL follow the main domain only when the project asks for it', async () => {
  const id = await makeProject(plane, { enable: true })
  const at = async () => {
    const [auth, env] = await Promise.all([plane.call('GET', `projects/${id}/auth`), plane.call('GET', `projects/${id}/runtime-env`)])
    const boot = await plane.call('POST', `projects/${id}/instances`, {})
    return { url: auth.body.data.auth_url, env: boot.body.data.env.AUTH_URL, version: boot.body.data.env_version, read: env.status }
  }
  const ours = `https://auth.example.test/${id}`
  const domain = await proved(id, 'auth.iss.example')
  const before = await at()
  expect(before).toMatchObject({ url: ours, env: ours })
  await plane.call('PATCH', `projects/${id}/auth`, { token_issuer: 'main_domain' })
  const asked = await at()
  expect(asked).toMatchObject({ url: 'https://auth.iss.example', env: 'https://auth.iss.example', version: before.version + 1 })
  const second = await proved(id, 'second.iss.example')
  expect((await at()).version).toBe(asked.version)
  await plane.call('POST', `projects/${id}/domains/${second}/main`)
  expect(await at()).toMatchObject({ env: 'https://second.iss.example', version: asked.version + 1 })
  await plane.call('DELETE', `projects/${id}/domains/${second}`)
  expect(await at()).toMatchObject({ env: 'https://auth.iss.example', version: asked.version + 2 })
  await plane.call('DELETE', `projects/${id}/domains/${domain}`)
  expect(await at()).toMatchObject({ url: ours, env: ours, version: asked.version + 3 })
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
