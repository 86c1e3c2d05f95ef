import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeAt } from '../support/authenticator-app.js'
import { BrowserClient } from '../support/browser-client.js'
import { call } from '../support/data-plane.js'
import { startOidcServer, type OidcServer } from '../support/oidc-server.js'
import { PASSWORD, signInWith, unique } from '../support/sign-in-fixture.js'
import { samlConnection, signInBySaml, startSsoFixture, type SsoFixture } from '../support/sso-fixture.js'

// Every way in: one line of the log for each attempt, with who and by which connection, and one row of the audit log.

const PROVIDER = 'oidc:acme'
let fixture: SsoFixture
let idp: OidcServer
let project: Awaited<ReturnType<SsoFixture['project']>>
let strict: Awaited<ReturnType<SsoFixture['project']>>
let base: string
const lines: string[] = []
const clock = new MovableClock()

beforeAll(async () => {
  fixture = await startSsoFixture({ clock, dataLog: (line) => lines.push(line) })
  project = await fixture.project(['email', 'email_otp', 'magic_link', PROVIDER])
  strict = await fixture.project(['email'], { mfa: 'required' })
  base = project.base
  idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
  const body = { client_id: idp.clientId, client_secret: idp.clientSecret, issuer: idp.issuer }
  expect((await fixture.control.call('PUT', `projects/${project.id}/auth/providers/${PROVIDER}`, body)).status).toBe(200)
})
afterAll(async () => {
  await idp?.close()
  await fixture?.close()
})

interface Attempt {
  method: string
  outcome: string
  [field: string]: unknown
}
interface Row {
  action: string
  metadata: Record<string, unknown>
}
/** What `work` says in the log, and the rows that it leaves. */
async function attemptsOf(uuid: string, work: () => Promise<unknown>): Promise<{ told: Attempt[]; rows: Row[] }> {
  const before = lines.length
  const [{ last }] = (await fixture.owner.query<{ last: string }>('select coalesce(max(number), 0) as last from auth.audit_event')) as [{ last: string }]
  await work()
  const rows = await fixture.owner.query<Row>(
    `select action, metadata from auth.audit_event where project_id = $1 and number > $2
       and action in ('session.started', 'sign_in.refused', 'sso.signed_in', 'user.signed_up', 'factor.code_refused') order by number`,
    [uuid, last],
  )
  const told = lines.slice(before).map((line) => JSON.parse(line) as Attempt & { msg: string })
  return { told: told.filter(({ msg }) => msg === 'sign_in'), rows }
}

test('a provider: proven with its name, then a session that says by whom, in the line and in the row', async () => {
  idp.account = { sub: 'one', email: unique('by.provider'), email_verified: true }
  const { told, rows } = await attemptsOf(project.uuid, () => signInWith(new BrowserClient(), base, PROVIDER))
  expect(told).toMatchObject([
    { method: 'provider', outcome: 'proven', connection: PROVIDER, user_id: expect.any(String) },
    { method: 'provider', outcome: 'succeeded', connection: PROVIDER, user_id: told[0]!['user_id'] },
  ])
  expect(rows.at(-1)).toMatchObject({ action: 'session.started', metadata: { amr: ['fed'], connection: PROVIDER } })
})

test('a company’s identity provider: proven with the connection, then a session that says by which', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const said = { nameId: 'bee', attributes: { email: `bee@${domain}` } }
  const { told, rows } = await attemptsOf(project.uuid, () => signInBySaml(base, { connection_id: id }, said))
  expect(told).toMatchObject([
    { method: 'saml', outcome: 'proven', connection: id },
    { method: 'sso', outcome: 'succeeded', connection: id },
  ])
  expect(rows.map(({ action }) => action)).toEqual(expect.arrayContaining(['sso.signed_in', 'session.started']))
  expect(rows.find(({ action }) => action === 'session.started')!.metadata).toEqual({ amr: ['fed', 'sso'], connection: id })
})

test('a second factor that is set up on the way in ends the sign-in, and says so', async () => {
  const email = unique('enrols')
  const { body: pending } = await call(`${strict.base}/signup`, { body: { email, password: PASSWORD } })
  const token = pending.mfa_token as string
  const { told, rows } = await attemptsOf(strict.uuid, async () => {
    const { body } = await call(`${strict.base}/factors`, { body: { type: 'totp', mfa_token: token } })
    const code = codeAt(body.otpauth_uri, clock.now())
    expect((await call(`${strict.base}/factors/${body.factor_id}/verify`, { body: { mfa_token: token, code } })).status).toBe(200)
  })
  expect(told).toMatchObject([{ method: 'second_factor', outcome: 'succeeded', user_id: expect.any(String) }])
  expect(rows.map(({ action }) => action)).toEqual(['session.started'])
})

const KEY = 'v'.repeat(43)
test.each([
  ['password', 'login', { email: 'nobody@example.com', password: PASSWORD }],
  ['email_otp', 'email/verify', { email: 'nobody@example.com', code: '000000' }],
  ['magic_link', 'magic-link/confirm', { token: KEY }],
  ['invitation', 'invitation/accept', { token: KEY, password: `${PASSWORD} of mine` }],
  ['recovery_link', 'recovery/confirm', { token: KEY }],
  ['exchange_code', 'token/exchange', { code: KEY, code_verifier: KEY }],
  ['second_factor', 'mfa/verify', { mfa_token: KEY, code: '000000' }],
])('a refused %s is one line and one row, with its method', async (method, path, body) => {
  const { told, rows } = await attemptsOf(project.uuid, async () => {
    const answer = await call(`${base}/${path}`, { body })
    expect([400, 401], answer.text).toContain(answer.status)
  })
  expect(told).toMatchObject([{ method, outcome: 'refused', reason: expect.any(String), client_digest: expect.any(String) }])
  expect(rows).toMatchObject([{ action: 'sign_in.refused', metadata: { method, reason: told[0]!['reason'] } }])
})
