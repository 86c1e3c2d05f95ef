import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeAt } from '../../support/authenticator-app.js'
import {
  call,
  changeTestSettings,
  createTestProject,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type Answer,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import {
  CHROMIUM,
  launchChromium,
  openAuthenticator,
  type CredentialJson,
  type VirtualAuthenticator,
} from '../../support/virtual-authenticator.js'

const SITE = 'http://localhost:4910'
const OTHER_PORT = 'http://localhost:4911'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { name: 'Notes', settings: { mfa: 'optional', site_url: `${SITE}/app` } })
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const claimsOf = (answer: Answer) => jwt.decode(answer.body.access_token) as jwt.JwtPayload
const logIn = (email: string, at = base) => call(`${at}/login`, { body: { email, password: PASSWORD } })
const auditOf = async (userId: string) =>
  (await admin.query<{ action: string }>('select action from auth.audit_event where actor_id = $1 order by created_at', [userId])).rows.map(
    ({ action }) => action,
  )

describe('without a browser', () => {
  test('a project that names no domain has no passkeys', async () => {
    const own = await createTestProject(database)
    const answer = await call(`${plane.url}${own.path}/webauthn/authenticate/options`, { body: {} })
    expect([answer.status, code(answer)]).toEqual([409, 'passkeys_not_configured'])
  })

  test.each([
    ['rp_id', { rp_id: 'example.org', site_url: 'https://app.example.org/x' }, 'example.org'],
    ['the host of site_url', { site_url: 'https://app.example.org/x' }, 'app.example.org'],
  ])('the relying party is %s', async (_what, settings, rpId) => {
    const own = await createTestProject(database, { settings })
    const answer = await call(`${plane.url}${own.path}/webauthn/authenticate/options`, { body: {} })
    expect(answer.body).toMatchObject({ rpId, userVerification: 'required', allowCredentials: [], timeout: 300_000 })
    expect(Buffer.from(answer.body.challenge, 'base64url')).toHaveLength(32)
  })

  test('else it is the verified custom domain', async () => {
    const own = await createTestProject(database, { hostname: 'auth.example.net' })
    const answer = await call(`${plane.url}${own.path}/webauthn/authenticate/options`, { body: {} })
    expect(answer.body).toMatchObject({ rpId: 'auth.example.net' })
  })

  test('related origins are the pages of the project', async () => {
    const own = await createTestProject(database, {
      settings: { site_url: 'https://app.example.org/x', allowed_origins: ['https://www.example.com', 'https://app.example.org'] },
      hostname: 'auth.example.com',
    })
    const answer = await call(`${plane.url}${own.path}/.well-known/webauthn`)
    expect(answer.body).toEqual({ origins: ['https://app.example.org', 'https://www.example.com', 'https://auth.example.com'] })
    expect(answer.headers.get('content-type')).toContain('application/json')
  })

  test.each([[{}], [{ id: 'AA', rawId: 'AA', type: 'public-key', response: {} }], [{ id: 'AA', response: { clientDataJSON: '!' } }]])(
    '%j is refused',
    async (credential) => {
      const { accessToken } = await signUp(base)
      for (const [path, token] of [
        ['authenticate/verify', undefined],
        ['register/verify', accessToken],
      ] as const) {
        const answer = await call(`${base}/webauthn/${path}`, { body: { credential }, token })
        expect([answer.status, code(answer)]).toEqual([401, 'passkey_refused'])
      }
    },
  )

  test('registering needs somebody signed in, lately', async () => {
    expect((await call(`${base}/webauthn/register/options`, { body: {} })).status).toBe(401)
    const { accessToken: token } = await signUp(base)
    plane.clock.advanceSeconds(601)
    expect(code(await call(`${base}/webauthn/register/options`, { body: {}, token }))).toBe('reauthentication_required')
    expect((await call(`${base}/webauthn/register/options`, { body: { password: PASSWORD }, token })).status).toBe(200)
  })
})

describe.skipIf(!CHROMIUM)('in a real Chromium', () => {
  let browser: Browser
  let device: VirtualAuthenticator
  const devices: VirtualAuthenticator[] = []
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    for (const each of devices.splice(0)) await each.close()
  })

  async function newDevice(origin = SITE): Promise<VirtualAuthenticator> {
    device = await openAuthenticator(browser)
    devices.push(device)
    await device.visit(origin)
    return device
  }

  const registerOptions = async (token: string, at = base) => (await call(`${at}/webauthn/register/options`, { token, body: {} })).body
  const registerVerify = (token: string, credential: CredentialJson, more: object = {}, at = base) =>
    call(`${at}/webauthn/register/verify`, { token, body: { credential, ...more } })
  const signInOptions = async (body: object = {}, at = base) => (await call(`${at}/webauthn/authenticate/options`, { body })).body
  const signIn = (credential: CredentialJson, at = base) => call(`${at}/webauthn/authenticate/verify`, { body: { credential } })

  /** A user with a password and one passkey on a new device. */
  async function withPasskey(at = base) {
    await newDevice()
    const user = await signUp(at)
    const registered = await registerVerify(
      user.accessToken,
      await device.create(await registerOptions(user.accessToken, at)),
      { friendly_name: 'Laptop' },
      at,
    )
    if (registered.status !== 201) throw new Error(registered.text)
    return { ...user, registered, passkeyId: registered.body.passkey.id as string, token: registered.body.access_token as string }
  }

  test('registers, lists and signs in without a user name', async () => {
    const { userId, email, registered, token } = await withPasskey()
    expect(registered.body.passkey).toMatchObject({
      friendly_name: 'Laptop', transports: ['internal'], backup_eligible: false, backed_up: false, rp_id: 'localhost', last_used_at: null,
      credential_id: expect.any(String), public_key: expect.any(String), user_agent: expect.any(String),
    })
    expect(registered.body.recovery_codes).toHaveLength(10)
    expect(registered.body.access_token).toEqual(expect.any(String))
    const answer = await device.get(await signInOptions())
    const session = await signIn(answer)
    expect(session.status).toBe(200)
    expect(session.body).toMatchObject({ user_id: userId, user: { email }, refresh_token: expect.any(String) })
    expect(claimsOf(session)).toMatchObject({ acr: 'aal2', amr: ['hwk', 'user', 'mfa'] })
    const { body } = await call(`${base}/webauthn/credentials`, { token })
    expect(body.data).toMatchObject([{ friendly_name: 'Laptop', last_used_at: expect.any(String) }])
    expect(body.data[0].sign_count).toBeGreaterThan(registered.body.passkey.sign_count)
    expect(await auditOf(userId)).toEqual(['user.signed_up', 'factor.added', 'session.started'])
  })

  test('signs in by conditional UI', async () => {
    const { userId } = await withPasskey()
    expect((await signIn(await device.get(await signInOptions(), 'conditional'))).body.user_id).toBe(userId)
  })

  test('is the second factor after a password', async () => {
    const { email, passkeyId, userId } = await withPasskey()
    const pending = (await logIn(email)).body
    expect(pending).toMatchObject({ mfa_required: true, factors: [{ id: passkeyId, type: 'webauthn', friendly_name: 'Laptop' }] })
    const options = await signInOptions({ mfa_token: pending.mfa_token })
    expect(options).toMatchObject({ userVerification: 'preferred', allowCredentials: [{ type: 'public-key' }] })
    const answer = await device.get(options)
    // A challenge for a second factor starts no session of its own.
    expect(code(await signIn(answer))).toBe('passkey_refused')
    const session = await call(`${base}/mfa/verify`, { body: { mfa_token: pending.mfa_token, factor_id: passkeyId, credential: answer } })
    expect(session.status).toBe(200)
    expect(session.body.user_id).toBe(userId)
    expect(claimsOf(session)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'hwk', 'user', 'mfa'] })
  })

  test('as a second factor it counts without user verification; alone it does not', async () => {
    const { email } = await withPasskey()
    await device.setUserVerified(false)
    const pending = (await logIn(email)).body
    const answer = await device.get({ ...(await signInOptions({ mfa_token: pending.mfa_token })), userVerification: 'discouraged' })
    expect((await call(`${base}/mfa/verify`, { body: { mfa_token: pending.mfa_token, assertion: answer } })).status).toBe(200)
    const alone = await device.get({ ...(await signInOptions()), userVerification: 'discouraged' })
    expect(code(await signIn(alone))).toBe('passkey_refused')
  })

  test('a challenge belongs to one sign-in: neither another one nor no one may answer it', async () => {
    const { email } = await withPasskey()
    const [one, two] = [(await logIn(email)).body, (await logIn(email)).body]
    const forOne = await device.get(await signInOptions({ mfa_token: one.mfa_token }))
    expect(code(await call(`${base}/mfa/verify`, { body: { mfa_token: two.mfa_token, credential: forOne } }))).toBe('passkey_refused')
    const forNobody = await device.get(await signInOptions())
    expect(code(await call(`${base}/mfa/verify`, { body: { mfa_token: one.mfa_token, credential: forNobody } }))).toBe('passkey_refused')
  })

  test('raises a live session', async () => {
    const { token } = await withPasskey()
    plane.clock.advanceSeconds(120)
    const asked = await call(`${base}/mfa/challenge`, { token, body: { max_age: 60 } })
    expect(asked.body).toMatchObject({ mfa_required: true, options: { rpId: 'localhost' } })
    const raised = await call(`${base}/mfa/challenge`, { token, body: { credential: await device.get(asked.body.options) } })
    expect(raised.status).toBe(200)
    expect((await call(`${base}/mfa/challenge`, { token, body: { max_age: 60 } })).body).toMatchObject({ mfa_required: false })
  })

  test('an answer is accepted once', async () => {
    const { userId } = await withPasskey()
    const answer = await device.get(await signInOptions())
    expect((await signIn(answer)).status).toBe(200)
    const replay = await signIn(answer)
    expect([replay.status, code(replay)]).toEqual([401, 'passkey_refused'])
    expect((await auditOf(userId)).filter((action) => action === 'session.started')).toHaveLength(1)
  })

  test('a challenge lives five minutes, and an answer that was refused has spent it', async () => {
    await withPasskey()
    const late = await device.get(await signInOptions())
    plane.clock.advanceSeconds(300)
    expect(code(await signIn(late))).toBe('passkey_refused')
    const answer = await device.get(await signInOptions())
    const broken = { ...answer, response: { ...answer.response, signature: answer.response['authenticatorData'] ?? '' } }
    expect(code(await signIn(broken))).toBe('passkey_refused')
    expect(code(await signIn(answer))).toBe('passkey_refused')
  })

  test('another origin is refused, in both ceremonies', async () => {
    const { accessToken } = await withPasskey()
    await device.visit(OTHER_PORT)
    expect(code(await signIn(await device.get(await signInOptions())))).toBe('passkey_refused')
    await newDevice(OTHER_PORT)
    const other = await signUp(base)
    expect(code(await registerVerify(other.accessToken, await device.create(await registerOptions(other.accessToken))))).toBe(
      'passkey_refused',
    )
    expect(accessToken).toEqual(expect.any(String))
  })

  test('an origin that the project allows is accepted', async () => {
    const own = await createTestProject(database, { settings: { site_url: SITE, allowed_origins: [OTHER_PORT] } })
    const at = plane.url + own.path
    const { userId } = await withPasskey(at)
    await device.visit(OTHER_PORT)
    expect((await signIn(await device.get(await signInOptions({}, at)), at)).body.user_id).toBe(userId)
  })

  test('another relying party is refused by the browser, and by us when the page lies to it', async () => {
    await withPasskey()
    const own = await createTestProject(database, { settings: { rp_id: 'example.org', site_url: SITE } })
    const at = plane.url + own.path
    const user = await signUp(at)
    const creation = await registerOptions(user.accessToken, at)
    await expect(device.create(creation)).rejects.toThrow(/SecurityError|relying party/i)
    const lied = await device.create({ ...creation, rp: { ...creation.rp, id: 'localhost' } })
    expect(code(await registerVerify(user.accessToken, lied, {}, at))).toBe('passkey_refused')
    const request = await signInOptions({}, at)
    expect(code(await signIn(await device.get({ ...request, rpId: 'localhost' }), at))).toBe('passkey_refused')
  })

  test('a passkey of one project opens no other, though both are on one domain', async () => {
    await withPasskey()
    const own = await createTestProject(database, { settings: { site_url: SITE } })
    const at = plane.url + own.path
    expect(code(await signIn(await device.get(await signInOptions({}, at)), at))).toBe('passkey_refused')
    // Nor does an answer to the other project's challenge.
    expect(code(await signIn(await device.get(await signInOptions({}, at))))).toBe('passkey_refused')
    expect(code(await signIn(await device.get(await signInOptions()), at))).toBe('passkey_refused')
  })

  test('a sign count that does not grow is refused and audited', async () => {
    const { userId } = await withPasskey()
    expect((await signIn(await device.get(await signInOptions()))).status).toBe(200)
    await device.rewind(0)
    expect(code(await signIn(await device.get(await signInOptions())))).toBe('passkey_refused')
    expect(await auditOf(userId)).toContain('passkey.sign_count_regressed')
  })

  test('an authenticator is registered once per user', async () => {
    const { token } = await withPasskey()
    const options = await registerOptions(token)
    expect(options.excludeCredentials).toHaveLength(1)
    await expect(device.create(options)).rejects.toThrow(/InvalidStateError/)
    const answer = await device.create({ ...options, excludeCredentials: [] })
    expect((await registerVerify(token, answer)).status).toBe(201)
    expect(code(await registerVerify(token, answer))).toBe('passkey_refused')
  })

  test('a registration belongs to the session that asked for it', async () => {
    await newDevice()
    const [one, two] = [await signUp(base), await signUp(base)]
    const answer = await device.create(await registerOptions(one.accessToken))
    expect(code(await registerVerify(two.accessToken, answer))).toBe('passkey_refused')
  })

  test('is renamed and removed by its owner alone', async () => {
    const { token, passkeyId, email, userId } = await withPasskey()
    const stranger = await signUp(base)
    const at = `${base}/webauthn/credentials/${passkeyId}`
    expect((await call(at, { method: 'PATCH', token: stranger.accessToken, body: { friendly_name: 'Mine' } })).status).toBe(404)
    expect((await call(at, { method: 'DELETE', token: stranger.accessToken })).status).toBe(404)
    expect((await call(at, { method: 'PATCH', token, body: { friendly_name: 'Work laptop' } })).body.friendly_name).toBe('Work laptop')
    expect((await call(at, { method: 'DELETE', token })).body).toEqual({ ok: true })
    expect((await call(`${base}/webauthn/credentials`, { token })).body.data).toEqual([])
    expect(code(await signIn(await device.get(await signInOptions())))).toBe('passkey_refused')
    expect((await logIn(email)).body.access_token).toEqual(expect.any(String))
    expect(await auditOf(userId)).toEqual(expect.arrayContaining(['passkey.renamed', 'factor.removed']))
  })

  test('removing needs a fresh factor', async () => {
    const { token, passkeyId } = await withPasskey()
    plane.clock.advanceSeconds(601)
    const at = `${base}/webauthn/credentials/${passkeyId}`
    expect(code(await call(at, { method: 'DELETE', token, body: { password: PASSWORD } }))).toBe('second_factor_required')
    const asked = await call(`${base}/mfa/challenge`, { token, body: { max_age: 60 } })
    await call(`${base}/mfa/challenge`, { token, body: { credential: await device.get(asked.body.options) } })
    expect((await call(at, { method: 'DELETE', token })).status).toBe(200)
  })

  describe('an account without a password', () => {
    /** Made by an administrator or a social sign-in; here its password is taken away. */
    async function passkeyOnly(settings: Record<string, unknown>) {
      const own = await createTestProject(database, { settings: { site_url: SITE } })
      const at = plane.url + own.path
      const user = await withPasskey(at)
      await admin.query('update auth.end_user set password_hash = null where id = $1', [user.userId])
      await changeTestSettings(database, own, { site_url: SITE, ...settings })
      await expect.poll(async () => (await call(`${at}/settings`)).body.providers).toEqual(settings['providers'] ?? ['email'])
      return { ...user, own, at }
    }

    test('signs in with the passkey and keeps the last one', async () => {
      const { at, userId, passkeyId } = await passkeyOnly({})
      const { body } = await signIn(await device.get(await signInOptions({}, at)), at)
      expect(body.user_id).toBe(userId)
      const remove = (id: string) => call(`${at}/webauthn/credentials/${id}`, { method: 'DELETE', token: body.access_token })
      const kept = await remove(passkeyId)
      expect([kept.status, code(kept)]).toEqual([409, 'last_way_in'])
      expect((await call(`${at}/factors/${passkeyId}`, { method: 'DELETE', token: body.access_token })).status).toBe(409)
      const second = await device.create({ ...(await registerOptions(body.access_token, at)), excludeCredentials: [] })
      expect((await registerVerify(body.access_token, second, {}, at)).status).toBe(201)
      expect((await remove(passkeyId)).status).toBe(200)
    })

    test.each([
      ['a mailed link', ['email', 'magic_link'], null],
      ['a social identity', ['google'], 'google'],
    ])('may give the passkey up for %s', async (_what, providers, identity) => {
      const { at, own, userId, passkeyId } = await passkeyOnly({ providers })
      if (identity !== null) {
        await admin.query(
          `insert into auth.identity (project_id, provider, subject, end_user_id, created_at) values ($1, $2, 's', $3, now())`,
          [own.id, identity, userId],
        )
      }
      const { body } = await signIn(await device.get(await signInOptions({}, at)), at)
      expect((await call(`${at}/webauthn/credentials/${passkeyId}`, { method: 'DELETE', token: body.access_token })).status).toBe(200)
    })

    test('where the project forbids passwords there is no login, sign-up or reset by one', async () => {
      const { at, email, userId } = await passkeyOnly({ providers: ['google'] })
      for (const [path, body] of [
        ['login', { email, password: PASSWORD }],
        ['signup', { email: 'new@example.com', password: PASSWORD }],
        ['password-reset', { email }],
        ['password-reset/confirm', { token: 'x', password: PASSWORD }],
      ] as const) {
        const answer = await call(`${at}/${path}`, { body })
        expect([path, answer.status, code(answer)]).toEqual([path, 403, 'provider_not_enabled'])
      }
      const { body } = await signIn(await device.get(await signInOptions({}, at)), at)
      expect(body.user_id).toBe(userId)
    })
  })

  test('is the factor that lets somebody in where one is required', async () => {
    await newDevice()
    const own = await createTestProject(database, { settings: { mfa: 'required', site_url: SITE } })
    const at = plane.url + own.path
    const pending = (await call(`${at}/signup`, { body: { email: 'p@example.com', password: PASSWORD } })).body
    const options = (await call(`${at}/webauthn/register/options`, { body: { mfa_token: pending.mfa_token } })).body
    const credential = await device.create(options)
    const done = await call(`${at}/webauthn/register/verify`, { body: { credential, mfa_token: pending.mfa_token } })
    expect(done.status).toBe(201)
    expect(done.body).toMatchObject({
      refresh_token: expect.any(String),
      recovery_codes: expect.any(Array),
      passkey: { friendly_name: 'Passkey' },
    })
    expect(claimsOf(done)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'hwk', 'user', 'mfa'] })
    expect((await signIn(await device.get(await signInOptions({}, at)), at)).body.user_id).toBe(done.body.user_id)
  })

  test('beside an authenticator app either of the two will do', async () => {
    const { token, email } = await withPasskey()
    const started = (await call(`${base}/factors`, { token, body: { type: 'totp' } })).body
    const activated = await call(`${base}/factors/${started.factor_id}/verify`, {
      token,
      body: { code: codeAt(started.otpauth_uri, plane.clock.now()) },
    })
    expect(activated.status).toBe(200)
    expect(activated.body.recovery_codes).toBeUndefined()
    const pending = (await logIn(email)).body
    expect(pending.factors.map(({ type }: { type: string }) => type)).toEqual(['webauthn', 'totp'])
    plane.clock.advanceSeconds(30)
    const byCode = await call(`${base}/mfa/verify`, {
      body: { mfa_token: pending.mfa_token, code: codeAt(started.otpauth_uri, plane.clock.now()) },
    })
    expect(byCode.status).toBe(200)
  })
})
