import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, signUp } from '../../support/data-plane.js'
import { samlConnection, signInBySaml, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'
import { PASSWORD } from '../../support/sign-in-fixture.js'

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { mfa: 'optional' })
})
afterAll(() => fixture?.close())

const code = (answer: { status: number; body: { error?: { code: string } } }) => answer.body.error?.code ?? answer.status
const logIn = (email: string) => call(`${project.base}/login`, { body: { email, password: PASSWORD } })

test('an enforced connection is the only way in for people of its domain, but for those who may break the glass', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const [email, keeper, elsewhere] = [`a@${domain}`, `keeper@${domain}`, `${randomUUID().slice(0, 8)}@other.example`]
  const people = []
  for (const each of [email, keeper, elsewhere]) people.push(await signUp(project.base, { email: each, password: PASSWORD }))
  // While nobody has come in by it, it would lock everybody out.
  expect(code(await fixture.change(project.id, id, { enforce: true }) as never)).toBe('sso_lockout')
  expect((await signInBySaml(project.base, { email }, { nameId: 'first', attributes: { email: `first@${domain}` } })).session?.status).toBe(200)
  expect((await fixture.change(project.id, id, { enforce: true })).status).toBe(200)
  expect((await call(`${project.base}/sso/discover`, { body: { email } })).body).toMatchObject({ connection: { id }, required: true })
  expect([code(await logIn(email)), code(await logIn(elsewhere))]).toEqual(['sso_required', 200])
  const fresh = await call(`${project.base}/signup`, { body: { email: `new@${domain}`, password: PASSWORD } })
  expect(code(fresh)).toBe('sso_required')
  // An address elsewhere would be a way around it.
  const moving = { token: people[0]!.accessToken, body: { email: elsewhere.replace('@', '+1@'), password: PASSWORD } }
  expect(code(await call(`${project.base}/email/change`, moving))).toBe('sso_required')
  // A wrong password is told nothing of it.
  expect(code(await call(`${project.base}/login`, { body: { email, password: 'wrong password 1!' } }))).toBe('invalid_credentials')

  const at = `projects/${project.id}/sso/break-glass`
  expect((await fixture.control.call('PUT', `${at}/${people[1]!.userId}`)).body.data).toMatchObject({ email: keeper })
  expect([code(await logIn(keeper)), code(await logIn(email))]).toEqual([200, 'sso_required'])
  expect(await fixture.audit(project.uuid, 'sso.bypassed')).toHaveLength(1)
  expect((await fixture.change(project.id, id, { local_login: false })).status).toBe(200)
  expect(code(await logIn(keeper))).toBe('sso_required')
  expect((await signInBySaml(project.base, { email }, { nameId: 'second', attributes: { email: `second@${domain}` } })).session?.status).toBe(200)
  expect((await fixture.change(project.id, id, { enforce: false })).status).toBe(422)
  expect((await fixture.change(project.id, id, { enforce: false, local_login: true })).status).toBe(200)
  expect(code(await logIn(email))).toBe(200)
  expect((await fixture.control.call('DELETE', `${at}/${people[1]!.userId}`)).status).toBe(200)
  expect((await fixture.control.call('GET', at)).body.data).toEqual([])
})

test('a second factor of ours comes after the identity provider, and the whole still counts as single sign-on', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const said = { nameId: 'mfa', attributes: { email: `mfa@${domain}` } }
  const first = await signInBySaml(project.base, { connection_id: id }, said)
  expect(first.session?.status).toBe(200)
  await fixture.change(project.id, id, { enforce: true })
  expect((await fixture.control.call('DELETE', `projects/${project.id}/sso/connections/${id}`)).body.data).toEqual({ id, deleted: true })
  expect((await call(`${project.base}/sso/discover`, { body: { email: said.attributes.email } })).body.connection).toBeNull()
})
