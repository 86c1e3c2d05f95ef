import jwt from 'jsonwebtoken'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeAt } from '../../support/authenticator-app.js'
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

test('whoever has a second factor here is asked for it after the identity provider, whichever way the project asks, and nobody else', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const come = (who: string) => signInBySaml(project.base, { connection_id: id }, { nameId: who, attributes: { email: `${who}@${domain}` } })
  const token = (await come('mfa')).session!.body.access_token as string
  // Enrolling asks for what the person has shown just now: here the identity provider.
  const started = await call(`${project.base}/factors`, { token, body: { type: 'totp', friendly_name: 'Phone' } })
  expect(started.status, started.text).toBe(201)
  const codeAtStep = (step: number) => codeAt(started.body.otpauth_uri, new Date(Date.now() + step * 30_000))
  const activated = await call(`${project.base}/factors/${started.body.factor_id}/verify`, { token, body: { code: codeAtStep(0) } })
  expect(activated.status, activated.text).toBe(200)
  const pending = (await come('mfa')).session!
  expect(pending.body).toMatchObject({ mfa_required: true })
  expect(pending.body.access_token).toBeUndefined()
  const verified = await call(`${project.base}/mfa/verify`, { body: { mfa_token: pending.body.mfa_token, code: codeAtStep(1) } })
  expect(verified.status, verified.text).toBe(200)
  expect(jwt.decode(verified.body.access_token)).toMatchObject({ amr: ['fed', 'sso', 'otp', 'mfa'], acr: 'aal2' })
  // An enforced connection asks nothing more of them, and nothing less: the whole still counts as single sign-on.
  expect((await fixture.change(project.id, id, { enforce: true })).status).toBe(200)
  const enforced = (await come('mfa')).session!
  expect(enforced.body).toMatchObject({ mfa_required: true })
  expect((await come('plain')).session?.body.access_token).toEqual(expect.any(String))
  expect((await call(`${project.base}/mfa/verify`, { body: { mfa_token: enforced.body.mfa_token, code: activated.body.recovery_codes[0] } })).status).toBe(200)
})

test('a connection that is removed leaves no way in behind', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const email = `gone@${domain}`
  expect((await signInBySaml(project.base, { connection_id: id }, { nameId: 'gone', attributes: { email } })).session?.status).toBe(200)
  await fixture.change(project.id, id, { enforce: true })
  expect((await fixture.control.call('DELETE', `projects/${project.id}/sso/connections/${id}`)).body.data).toEqual({ id, deleted: true })
  expect((await call(`${project.base}/sso/discover`, { body: { email } })).body.connection).toBeNull()
})
