import type { Client } from 'pg'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeAt } from '../support/authenticator-app.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, mintOneTimeToken, openAdmin, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../support/data-plane.js'
import { CHROMIUM, launchChromium, openAuthenticator, type VirtualAuthenticator } from '../support/virtual-authenticator.js'

const SITE = 'http://localhost:4920'
const NEW_PASSWORD = 'quite another phrase 77'

let control: TestControlPlane
let plane: RunningDataPlane
let admin: Client
beforeAll(async () => {
  control = await startControlPlane()
  plane = await startDataPlane(control.database)
  admin = await openAdmin(control.database)
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await control?.stop()
})

async function newProject(settings: Record<string, unknown>) {
  const id = await makeProject(control, { enable: settings })
  const project = { id: id.replace('proj_', ''), path: `/${id}`, kid: '', secret: '' }
  const base = plane.url + project.path
  return {
    project,
    base,
    operator: (method: string, userId: string, what: string) => control.call(method, `projects/${id}/users/${userId}${what}`),
    settings: async (change: Record<string, unknown>) => {
      expect((await control.call('PATCH', `projects/${id}/auth`, change)).status).toBe(200)
      for (const [name, value] of Object.entries(change))
        await expect.poll(async () => (await call(`${base}/settings`)).body[name]).toEqual(value)
    },
  }
}
type App = Awaited<ReturnType<typeof newProject>>

/** What the enqueued mail leads to: its token, as the worker derives and stores it. */
async function mailed(app: App, userId: string, email: string): Promise<{ purpose: string; token: string }> {
  const { rows } = await admin.query<{ kind: string; payload: { sign_in?: boolean } }>(
    `select kind, payload from auth.outbox where project_id = $1 and (payload->>'end_user_id' = $2 or payload->>'address' = $3)
      and kind in ('account_recovery', 'password_reset') order by created_at desc limit 1`,
    [app.project.id, userId, email],
  )
  const purpose = rows[0]?.payload.sign_in ? 'account_recovery' : 'password_reset'
  expect(rows).toHaveLength(1)
  return { purpose, token: await mintOneTimeToken(admin, app.project, { userId, purpose, payload: { email }, now: plane.clock.now() }) }
}

const auditOf = async (userId: string) =>
  (
    await admin.query<{ action: string }>('select action from auth.audit_event where resource_id = $1 order by created_at', [userId])
  ).rows.map(({ action }) => action)
const logIn = (app: App, email: string, password: string) => call(`${app.base}/login`, { body: { email, password } })

async function addTotp(app: App, token: string) {
  const started = (await call(`${app.base}/factors`, { token, body: { type: 'totp' } })).body
  const activated = await call(`${app.base}/factors/${started.factor_id}/verify`, {
    token,
    body: { code: codeAt(started.otpauth_uri, plane.clock.now()) },
  })
  expect(activated.status).toBe(200)
  return { uri: started.otpauth_uri as string, recoveryCodes: activated.body.recovery_codes as string[] }
}

test('a forgotten password: a reset, by mail', async () => {
  const app = await newProject({})
  const { email, userId, refreshToken } = await signUp(app.base)
  expect((await call(`${app.base}/password-reset`, { body: { email } })).status).toBe(200)
  const { token } = await mailed(app, userId, email)
  expect((await call(`${app.base}/password-reset/confirm`, { body: { token, password: NEW_PASSWORD } })).status).toBe(200)
  expect((await call(`${app.base}/refresh`, { body: { refresh_token: refreshToken } })).status).toBe(401)
  expect((await logIn(app, email, PASSWORD)).status).toBe(401)
  expect((await logIn(app, email, NEW_PASSWORD)).body.user_id).toBe(userId)
})

test('a lost phone: a recovery code, then a new authenticator app', async () => {
  const app = await newProject({ mfa: 'optional' })
  const { email, userId, accessToken } = await signUp(app.base)
  const { recoveryCodes } = await addTotp(app, accessToken)
  const pending = (await logIn(app, email, PASSWORD)).body
  const session = await call(`${app.base}/mfa/verify`, { body: { mfa_token: pending.mfa_token, code: recoveryCodes[3] } })
  expect(session.body.user_id).toBe(userId)
  const factors = (await call(`${app.base}/factors`, { token: session.body.access_token })).body
  expect(factors.recovery_codes_left).toBe(9)
  expect((await call(`${app.base}/factors/${factors.data[0].id}`, { method: 'DELETE', token: session.body.access_token })).status).toBe(200)
  await addTotp(app, session.body.access_token)
})

test('all authenticators and codes lost, in a project that requires them: reset by an operator, recovery mail, new factor', async () => {
  const app = await newProject({ mfa: 'required' })
  const pending = (await call(`${app.base}/signup`, { body: { email: 'lost@example.com', password: PASSWORD } })).body
  const started = (await call(`${app.base}/factors`, { body: { type: 'totp', mfa_token: pending.mfa_token } })).body
  const first = await call(`${app.base}/factors/${started.factor_id}/verify`, {
    body: { mfa_token: pending.mfa_token, code: codeAt(started.otpauth_uri, plane.clock.now()) },
  })
  const userId = first.body.user_id as string
  expect((await app.operator('DELETE', userId, '/factors')).body.data).toEqual({ factors_removed: 1, sessions_ended: 1 })
  expect((await app.operator('POST', userId, '/recovery')).status).toBe(200)
  expect((await call(`${app.base}/user`, { token: first.body.access_token })).status).toBe(401)
  const { purpose, token } = await mailed(app, userId, 'lost@example.com')
  expect(purpose).toBe('password_reset')
  expect((await call(`${app.base}/password-reset/confirm`, { body: { token, password: NEW_PASSWORD } })).status).toBe(200)
  const again = (await logIn(app, 'lost@example.com', NEW_PASSWORD)).body
  expect(again).toMatchObject({ mfa_enrolment_required: true })
  const next = (await call(`${app.base}/factors`, { body: { type: 'totp', mfa_token: again.mfa_token } })).body
  const back = await call(`${app.base}/factors/${next.factor_id}/verify`, {
    body: { mfa_token: again.mfa_token, code: codeAt(next.otpauth_uri, plane.clock.now()) },
  })
  expect(back.body).toMatchObject({ user_id: userId, recovery_codes: expect.any(Array) })
  expect(await auditOf(userId)).toEqual(expect.arrayContaining(['user.factors_reset', 'user.recovery_requested', 'user.password_reset']))
  const mails = await admin.query(`select 1 from auth.outbox where payload->>'event' = 'factors_reset' and payload->>'end_user_id' = $1`, [
    userId,
  ])
  expect(mails.rows).toHaveLength(1)
})

test('a compromised account: disabled, sessions over, enabled again with fresh credentials', async () => {
  const app = await newProject({ mfa: 'optional' })
  const { email, userId, accessToken, refreshToken } = await signUp(app.base)
  // The thief, who has the password, adds a factor of their own.
  const thief = (await logIn(app, email, PASSWORD)).body
  const { uri } = await addTotp(app, thief.access_token)
  const waiting = (await logIn(app, email, PASSWORD)).body
  expect((await app.operator('POST', userId, '/disable')).status).toBe(200)
  for (const token of [accessToken, thief.access_token]) expect((await call(`${app.base}/user`, { token })).status).toBe(401)
  for (const refresh of [refreshToken, thief.refresh_token])
    expect((await call(`${app.base}/refresh`, { body: { refresh_token: refresh } })).status).toBe(401)
  plane.clock.advanceSeconds(30)
  const finish = () => call(`${app.base}/mfa/verify`, { body: { mfa_token: waiting.mfa_token, code: codeAt(uri, plane.clock.now()) } })
  expect((await finish()).status).toBe(400)
  expect((await app.operator('POST', userId, '/recovery')).status).toBe(409)
  expect((await app.operator('DELETE', userId, '/factors')).body.data.factors_removed).toBe(1)
  expect((await app.operator('POST', userId, '/enable')).status).toBe(200)
  // What the thief had begun stays over.
  expect((await finish()).status).toBe(400)
  expect((await call(`${app.base}/refresh`, { body: { refresh_token: thief.refresh_token } })).status).toBe(401)
  expect((await app.operator('POST', userId, '/recovery')).status).toBe(200)
  const { token } = await mailed(app, userId, email)
  expect((await call(`${app.base}/password-reset/confirm`, { body: { token, password: NEW_PASSWORD } })).status).toBe(200)
  expect((await logIn(app, email, PASSWORD)).status).toBe(401)
  const owner = await logIn(app, email, NEW_PASSWORD)
  expect(owner.body.user_id).toBe(userId)
  await addTotp(app, owner.body.access_token)
})

test('somebody else’s user, and an unknown user, have no factors to reset', async () => {
  const [mine, other] = [await newProject({}), await newProject({})]
  const { userId } = await signUp(other.base)
  expect((await mine.operator('DELETE', userId, '/factors')).status).toBe(404)
  expect((await other.operator('DELETE', userId, '/factors')).body.data).toMatchObject({ factors_removed: 0 })
})

describe.skipIf(!CHROMIUM)('a lost passkey and no password', () => {
  let browser: Browser
  const devices: VirtualAuthenticator[] = []
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    for (const device of devices.splice(0)) await device.close()
  })

  async function newDevice() {
    const device = await openAuthenticator(browser)
    devices.push(device)
    await device.visit(SITE)
    return device
  }

  async function addPasskey(app: App, given: { token?: string; mfaToken?: string }) {
    const device = await newDevice()
    const proof = given.mfaToken === undefined ? {} : { mfa_token: given.mfaToken }
    const options = (await call(`${app.base}/webauthn/register/options`, { token: given.token, body: proof })).body
    const credential = await device.create(options)
    const registered = await call(`${app.base}/webauthn/register/verify`, { token: given.token, body: { credential, ...proof } })
    expect(registered.status).toBe(201)
    return device
  }

  async function signIn(app: App, device: VirtualAuthenticator) {
    const credential = await device.get((await call(`${app.base}/webauthn/authenticate/options`, { body: {} })).body)
    return call(`${app.base}/webauthn/authenticate/verify`, { body: { credential } })
  }

  async function passkeyOnly(settings: Record<string, unknown>) {
    const app = await newProject({ site_url: SITE })
    const user = await signUp(app.base)
    await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [user.userId])
    const lost = await addPasskey(app, { token: user.accessToken })
    await admin.query('update auth.end_user set password_hash = null where id = $1', [user.userId])
    await app.settings(settings)
    expect((await signIn(app, lost)).body.user_id).toBe(user.userId)
    return { app, user, lost }
  }

  test('where passwords are allowed: a reset sets one', async () => {
    const { app, user } = await passkeyOnly({ mfa: 'off' })
    expect((await call(`${app.base}/password-reset`, { body: { email: user.email } })).status).toBe(200)
    const { token } = await mailed(app, user.userId, user.email)
    expect((await call(`${app.base}/password-reset/confirm`, { body: { token, password: NEW_PASSWORD } })).status).toBe(200)
    const session = (await logIn(app, user.email, NEW_PASSWORD)).body
    expect((await signIn(app, await addPasskey(app, { token: session.access_token }))).body.user_id).toBe(user.userId)
  })

  test.each(['optional', 'required'])(
    'where they are forbidden (mfa %s): an operator resets the factors, the recovery mail signs in, a new passkey is made',
    async (mfa) => {
      const { app, user, lost } = await passkeyOnly({ providers: ['passkey'], mfa })
      expect((await call(`${app.base}/password-reset`, { body: { email: user.email } })).status).toBe(403)
      expect((await app.operator('DELETE', user.userId, '/factors')).body.data.factors_removed).toBe(1)
      expect((await app.operator('POST', user.userId, '/recovery')).status).toBe(200)
      const { purpose, token } = await mailed(app, user.userId, user.email)
      expect(purpose).toBe('account_recovery')
      const entered = (await call(`${app.base}/recovery/confirm`, { body: { token } })).body
      expect((await call(`${app.base}/recovery/confirm`, { body: { token } })).status).toBe(400)
      const device = await addPasskey(app, mfa === 'required' ? { mfaToken: entered.mfa_token } : { token: entered.access_token })
      expect((await signIn(app, device)).body.user_id).toBe(user.userId)
      expect((await signIn(app, lost)).status).toBe(401)
      expect(await auditOf(user.userId)).toEqual(
        expect.arrayContaining(['user.factors_reset', 'user.recovery_requested', 'user.recovered']),
      )
    },
  )

  test('a recovery mail alone does not get around a factor that was not reset', async () => {
    const { app, user } = await passkeyOnly({ providers: ['passkey'], mfa: 'optional' })
    await app.operator('POST', user.userId, '/recovery')
    const { token } = await mailed(app, user.userId, user.email)
    expect((await call(`${app.base}/recovery/confirm`, { body: { token } })).body).toMatchObject({ mfa_required: true })
  })
})
