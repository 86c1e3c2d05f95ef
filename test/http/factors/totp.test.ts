import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { name: 'Notes', settings: { mfa: 'optional' } })
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const codeNow = (uri: string) => codeAt(uri, plane.clock.now())
/** A code works once, so the next one is of the next step. */
const nextCode = (uri: string) => {
  plane.clock.advanceSeconds(30)
  return codeNow(uri)
}
const claimsOf = (answer: Answer) => jwt.decode(answer.body.access_token) as jwt.JwtPayload

async function enrol(token: string, at = base) {
  const started = await call(`${at}/factors`, { token, body: { type: 'totp', friendly_name: 'Phone' } })
  if (started.status !== 201) throw new Error(started.text)
  const { factor_id: factorId, otpauth_uri: uri } = started.body
  const activated = await call(`${at}/factors/${factorId}/verify`, { token, body: { code: codeNow(uri) } })
  if (activated.status !== 200) throw new Error(activated.text)
  return { factorId: factorId as string, uri: uri as string, recoveryCodes: activated.body.recovery_codes as string[], started, activated }
}

async function enrolled() {
  const user = await signUp(base)
  return { ...user, ...(await enrol(user.accessToken)) }
}

const logIn = (email: string, at = base) => call(`${at}/login`, { body: { email, password: PASSWORD } })
const verify = (mfaToken: string, body: object, at = base) => call(`${at}/mfa/verify`, { body: { mfa_token: mfaToken, ...body } })
const auditOf = async (userId: string) =>
  (await admin.query<{ action: string }>('select action from auth.audit_event where actor_id = $1 order by created_at', [userId])).rows.map(
    ({ action }) => action,
  )
const mailsOf = async (userId: string) =>
  (await admin.query<{ event: string }>(`select payload->>'event' as event from auth.outbox where kind = 'security_notice' and payload->>'end_user_id' = $1 order by created_at`, [userId])).rows.map(({ event }) => event)

const BAD_NAMES = ['Phone\nBcc: eve@example.com', 'Phone\u0007', 'Phone\u2028', 'Phone\u202egnp', '\u200b', '', 'x'.repeat(1000)]
test.each(BAD_NAMES)('no factor is called %j', async (name) => {
  const { accessToken: token } = await signUp(base)
  const tried = [
    await call(`${base}/factors`, { token, body: { type: 'totp', friendly_name: name } }),
    await call(`${base}/webauthn/register/verify`, { token, body: { credential: {}, friendly_name: name } }),
    await call(`${base}/webauthn/credentials/00000000-0000-4000-8000-000000000000`, {
      method: 'PATCH',
      token,
      body: { friendly_name: name },
    }),
  ]
  for (const answer of tried) expect([answer.status, answer.body.error?.details?.[0]?.field]).toEqual([422, 'friendly_name'])
  expect((await call(`${base}/factors`, { token })).body.data).toEqual([])
})

describe('adding an authenticator app', () => {
  test('shows the seed once, as URI, text and QR code', async () => {
    const { accessToken, email } = await signUp(base)
    const { started, activated, factorId, uri } = await enrol(accessToken)
    expect(started.body).toEqual({
      factor_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'totp',
      friendly_name: 'Phone',
      status: 'unverified',
      otpauth_uri: expect.stringContaining(`otpauth://totp/Notes:${encodeURIComponent(email)}`),
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      qr_code: expect.stringMatching(/^<svg /),
    })
    expect(uri).toContain(`secret=${started.body.secret}`)
    expect(activated.body).toMatchObject({ factor: { id: factorId, type: 'totp', friendly_name: 'Phone', status: 'active' } })
    expect(new Set(activated.body.recovery_codes).size).toBe(10)
    const list = await call(`${base}/factors`, { token: accessToken })
    expect(list.body).toEqual({
      data: [
        {
          id: factorId,
          type: 'totp',
          friendly_name: 'Phone',
          status: 'active',
          created_at: expect.any(String),
          last_used_at: expect.any(String),
        },
      ],
      recovery_codes_left: 10,
    })
    expect((await call(`${base}/user`, { token: accessToken })).body.user.factors).toEqual(list.body.data)
    const stored = await admin.query<{ sealed: Buffer }>('select sealed from auth.factor where id = $1', [factorId])
    expect(stored.rows[0]!.sealed.includes(Buffer.from(started.body.secret))).toBe(false)
  })

  test('raises the session and is audited and mailed', async () => {
    const { accessToken, userId } = await signUp(base)
    expect(jwt.decode(accessToken)).toMatchObject({ acr: 'aal1', amr: ['pwd'] })
    const { activated } = await enrol(accessToken)
    expect(claimsOf(activated)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    expect(activated.body.refresh_token).toBeUndefined()
    expect(await auditOf(userId)).toContain('factor.added')
    expect(await mailsOf(userId)).toEqual(['factor_added'])
  })

  test('an unscanned seed is not asked for', async () => {
    const { accessToken, email } = await signUp(base)
    await call(`${base}/factors`, { token: accessToken, body: { type: 'totp' } })
    expect((await logIn(email)).body.access_token).toEqual(expect.any(String))
  })

  test('a wrong code activates nothing', async () => {
    const { accessToken } = await signUp(base)
    const { body } = await call(`${base}/factors`, { token: accessToken, body: { type: 'totp' } })
    const wrong = await call(`${base}/factors/${body.factor_id}/verify`, { token: accessToken, body: { code: '000000' } })
    expect([wrong.status, code(wrong)]).toEqual([401, 'invalid_code'])
    expect((await call(`${base}/factors`, { token: accessToken })).body.data[0].status).toBe('unverified')
  })

  test('needs a fresh login; a second one needs the first', async () => {
    const { accessToken } = await signUp(base)
    plane.clock.advanceSeconds(601)
    const start = (body: object) => call(`${base}/factors`, { token: accessToken, body: { type: 'totp', ...body } })
    expect(code(await start({}))).toBe('reauthentication_required')
    expect((await start({ password: PASSWORD })).status).toBe(201)
    const user = await enrolled()
    plane.clock.advanceSeconds(601)
    const second = (body: object) => call(`${base}/factors`, { token: user.accessToken, body: { type: 'totp', ...body } })
    expect(code(await second({ password: PASSWORD }))).toBe('second_factor_required')
    expect((await second({ code: codeNow(user.uri) })).status).toBe(201)
  })

  test('is refused where the project has no second factors', async () => {
    const own = await createTestProject(database)
    const at = plane.url + own.path
    const { accessToken } = await signUp(at)
    const answer = await call(`${at}/factors`, { token: accessToken, body: { type: 'totp' } })
    expect([answer.status, code(answer)]).toEqual([403, 'mfa_not_enabled'])
  })
})

describe('signing in with a second factor', () => {
  test('the password alone starts no session', async () => {
    const { email, userId, factorId, uri } = await enrolled()
    const before = await admin.query('select count(*) from auth.session where end_user_id = $1', [userId])
    const pending = await logIn(email)
    expect(pending.status).toBe(200)
    expect(pending.body).toEqual({
      mfa_required: true,
      mfa_token: expect.any(String),
      expires_in: 300,
      factors: [{ id: factorId, type: 'totp', friendly_name: 'Phone' }],
      // It has shown the password; it opens nothing.
      device_token: expect.any(String),
    })
    expect((await admin.query('select count(*) from auth.session where end_user_id = $1', [userId])).rows).toEqual(before.rows)
    const session = await verify(pending.body.mfa_token, { factor_id: factorId, code: nextCode(uri) })
    expect(session.status).toBe(200)
    expect(session.body).toMatchObject({ token_type: 'Bearer', user_id: userId, refresh_token: expect.any(String) })
    expect(claimsOf(session)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    const refreshed = await call(`${base}/refresh`, { body: { refresh_token: session.body.refresh_token } })
    expect(claimsOf(refreshed)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
  })

  test('the token works once, for five minutes, and nowhere else', async () => {
    const { email, uri } = await enrolled()
    const { mfa_token: token } = (await logIn(email)).body
    for (const path of ['user', 'sessions', 'factors']) expect((await call(`${base}/${path}`, { token })).status).toBe(401)
    expect((await call(`${base}/verify`, { body: { token } })).status).toBe(401)
    expect((await call(`${base}/refresh`, { body: { refresh_token: token } })).status).toBe(401)
    expect(code(await call(`${base}/factors`, { body: { type: 'totp', mfa_token: token } }))).toBe('invalid_or_expired_token')
    expect((await verify(token, { code: nextCode(uri) })).status).toBe(200)
    const again = await verify(token, { code: nextCode(uri) })
    expect([again.status, code(again)]).toEqual([400, 'invalid_or_expired_token'])
    const late = (await logIn(email)).body.mfa_token
    plane.clock.advanceSeconds(300)
    expect(code(await verify(late, { code: nextCode(uri) }))).toBe('invalid_or_expired_token')
  })

  test('of twenty at once with one token and one code, one gets a session', async () => {
    const { email, uri } = await enrolled()
    await changeTestSettings(database, project, { mfa: 'optional', limits: { factor_account: { points: 1_000, window_seconds: 900 } } })
    const { mfa_token: token } = (await logIn(email)).body
    const oneCode = nextCode(uri)
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token, { code: oneCode })))
    await changeTestSettings(database, project, { mfa: 'optional' })
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('a code is good once, across sign-ins', async () => {
    const { email, uri } = await enrolled()
    const oneCode = nextCode(uri)
    expect((await verify((await logIn(email)).body.mfa_token, { code: oneCode })).status).toBe(200)
    const replay = await verify((await logIn(email)).body.mfa_token, { code: oneCode })
    expect([replay.status, code(replay)]).toEqual([401, 'invalid_code'])
  })

  test('guesses are counted per user, whatever the token and the address, and success starts anew', async () => {
    const { email, uri, userId } = await enrolled()
    const tokens = await Promise.all([logIn(email), logIn(email)])
    for (let guess = 0; guess < 4; guess++) expect((await verify(tokens[guess % 2]!.body.mfa_token, { code: '000000' })).status).toBe(401)
    expect((await verify(tokens[0].body.mfa_token, { code: nextCode(uri) })).status).toBe(200)
    for (let guess = 0; guess < 5; guess++) expect((await verify(tokens[1].body.mfa_token, { code: '000000' })).status).toBe(401)
    const refused = await verify(tokens[1].body.mfa_token, { code: nextCode(uri) })
    expect([refused.status, code(refused)]).toEqual([429, 'rate_limited'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await auditOf(userId)).filter((action) => action === 'factor.code_refused')).toHaveLength(9)
  })

  test('a password changed between the two factors, or a ban, ends the sign-in', async () => {
    const { email, uri, userId } = await enrolled()
    const first = (await logIn(email)).body.mfa_token
    await admin.query(`update auth.end_user set password_hash = 'another' where id = $1`, [userId])
    expect(code(await verify(first, { code: nextCode(uri) }))).toBe('invalid_or_expired_token')
    const banned = await enrolled()
    const second = (await logIn(banned.email)).body.mfa_token
    await admin.query('update auth.end_user set disabled_at = now() where id = $1', [banned.userId])
    expect(code(await verify(second, { code: nextCode(banned.uri) }))).toBe('invalid_or_expired_token')
  })

  test('another project knows neither the token nor the factor', async () => {
    const { email, uri, factorId } = await enrolled()
    const own = await createTestProject(database, { settings: { mfa: 'optional' } })
    const at = plane.url + own.path
    const { mfa_token: token } = (await logIn(email)).body
    expect(code(await verify(token, { code: nextCode(uri), factor_id: factorId }, at))).toBe('invalid_or_expired_token')
    const stranger = await signUp(at)
    expect(code(await call(`${at}/factors/${factorId}`, { method: 'DELETE', token: stranger.accessToken }))).toBe('not_found')
  })

  test('somebody else’s factor does not help', async () => {
    const victim = await enrolled()
    const thief = await enrolled()
    const { mfa_token: token } = (await logIn(victim.email)).body
    expect(code(await verify(token, { code: nextCode(thief.uri), factor_id: thief.factorId }))).toBe('invalid_code')
    expect(code(await verify(token, { code: codeNow(thief.uri) }))).toBe('invalid_code')
    expect(code(await verify(token, { code: thief.recoveryCodes[0]! }))).toBe('invalid_code')
  })

  test('where the project has turned factors off, no factor is asked for', async () => {
    const own = await createTestProject(database, { settings: { mfa: 'optional' } })
    const at = plane.url + own.path
    const user = await signUp(at)
    await enrol(user.accessToken, at)
    await changeTestSettings(database, own, { mfa: 'off' })
    await expect.poll(async () => (await logIn(user.email, at)).body.access_token).toEqual(expect.any(String))
  })
})

describe('recovery codes', () => {
  test('stand in for the factor, once each, however they are typed; use is audited and mailed', async () => {
    const { email, userId, recoveryCodes, accessToken } = await enrolled()
    const typed = recoveryCodes[0]!.toLowerCase().replaceAll('-', ' ')
    const session = await verify((await logIn(email)).body.mfa_token, { code: typed })
    expect(session.status).toBe(200)
    expect(claimsOf(session)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'recovery', 'mfa'] })
    expect(code(await verify((await logIn(email)).body.mfa_token, { code: recoveryCodes[0]! }))).toBe('invalid_code')
    expect((await verify((await logIn(email)).body.mfa_token, { code: recoveryCodes[1]! })).status).toBe(200)
    expect((await call(`${base}/factors`, { token: accessToken })).body.recovery_codes_left).toBe(8)
    expect((await auditOf(userId)).filter((action) => action === 'factor.recovery_code_used')).toHaveLength(2)
    expect((await mailsOf(userId)).filter((event) => event === 'recovery_code_used')).toHaveLength(2)
  })

  test('are stored as digests only', async () => {
    const { userId, recoveryCodes } = await enrolled()
    const { rows } = await admin.query<{ digest: Buffer }>('select digest from auth.recovery_code where end_user_id = $1', [userId])
    expect(rows).toHaveLength(10)
    for (const { digest } of rows) expect([digest.length, recoveryCodes.some((plain) => digest.includes(plain))]).toEqual([32, false])
  })

  test('new ones end the old ones', async () => {
    const { email, recoveryCodes, accessToken, userId } = await enrolled()
    const fresh = await call(`${base}/factors/recovery-codes`, { token: accessToken, body: {} })
    expect(fresh.body.recovery_codes).toHaveLength(10)
    expect(code(await verify((await logIn(email)).body.mfa_token, { code: recoveryCodes[0]! }))).toBe('invalid_code')
    expect((await verify((await logIn(email)).body.mfa_token, { code: fresh.body.recovery_codes[0] })).status).toBe(200)
    expect(await mailsOf(userId)).toContain('recovery_codes_created')
  })

  test('need a factor to stand in for', async () => {
    const { accessToken } = await signUp(base)
    expect(code(await call(`${base}/factors/recovery-codes`, { token: accessToken, body: {} }))).toBe('conflict')
  })
})

describe('removing a factor', () => {
  test('needs a fresh second factor, or a code', async () => {
    const { email, factorId, uri, userId } = await enrolled()
    const { body } = await verify((await logIn(email)).body.mfa_token, { code: nextCode(uri) })
    const remove = (given?: object) =>
      call(`${base}/factors/${factorId}`, { method: 'DELETE', token: body.access_token, ...(given && { body: given }) })
    plane.clock.advanceSeconds(601)
    expect(code(await remove())).toBe('second_factor_required')
    expect(code(await remove({ password: PASSWORD }))).toBe('second_factor_required')
    expect(code(await remove({ code: '000000' }))).toBe('invalid_code')
    expect((await remove({ code: codeNow(uri) })).body).toEqual({ ok: true })
    expect((await logIn(email)).body.access_token).toEqual(expect.any(String))
    expect((await admin.query('select 1 from auth.recovery_code where end_user_id = $1', [userId])).rows).toEqual([])
    expect(await auditOf(userId)).toContain('factor.removed')
    expect(await mailsOf(userId)).toContain('factor_removed')
  })

  test('somebody else’s is not there', async () => {
    const { factorId } = await enrolled()
    const { accessToken } = await signUp(base)
    expect(code(await call(`${base}/factors/${factorId}`, { method: 'DELETE', token: accessToken }))).toBe('not_found')
    expect(code(await call(`${base}/factors/nonsense`, { method: 'DELETE', token: accessToken }))).toBe('not_found')
  })
})

describe('a fresh factor in a live session', () => {
  test('the app asks how old the last one may be, and a code raises the session', async () => {
    const { email, uri, userId } = await enrolled()
    const session = (await verify((await logIn(email)).body.mfa_token, { code: nextCode(uri) })).body
    const challenge = (body: object, token = session.access_token) => call(`${base}/mfa/challenge`, { token, body })
    expect((await challenge({ max_age: 60 })).body).toMatchObject({ mfa_required: false, acr: 'aal2', factors: [] })
    plane.clock.advanceSeconds(61)
    expect((await challenge({ max_age: 60 })).body).toMatchObject({ mfa_required: true, factors: [{ type: 'totp' }] })
    expect((await challenge({})).body).toMatchObject({ mfa_required: false })
    const raised = await challenge({ code: codeNow(uri) })
    expect(raised.status).toBe(200)
    expect(raised.body.refresh_token).toBeUndefined()
    const [before, after] = [jwt.decode(session.access_token) as jwt.JwtPayload, claimsOf(raised)]
    expect(after.sid).toBe(before.sid)
    expect(after['auth_time']).toBeGreaterThanOrEqual(before['auth_time'] + 61)
    expect((await challenge({ max_age: 60 }, raised.body.access_token)).body).toMatchObject({ mfa_required: false })
    expect(await auditOf(userId)).toContain('session.raised')
    // The app's server asks the same of a token that it was given.
    const check = (maxAge: number) => call(`${base}/verify`, { body: { token: raised.body.access_token, max_age: maxAge } })
    expect((await check(60)).body).toMatchObject({ valid: true, acr: 'aal2' })
    plane.clock.advanceSeconds(61)
    const stale = await check(60)
    expect([stale.status, code(stale)]).toEqual([403, 'second_factor_required'])
    expect((await check(3_600)).status).toBe(200)
  })

  test('a session from before the factor is raised in place', async () => {
    const { accessToken, email } = await signUp(base)
    const other = (await logIn(email)).body
    const { uri } = await enrol(accessToken)
    const asked = await call(`${base}/mfa/challenge`, { token: other.access_token, body: {} })
    expect(asked.body).toMatchObject({ mfa_required: true, acr: 'aal1', factor_verified_at: null })
    const raised = await call(`${base}/mfa/challenge`, { token: other.access_token, body: { code: nextCode(uri) } })
    expect(claimsOf(raised)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    expect(claimsOf(await call(`${base}/refresh`, { body: { refresh_token: other.refresh_token } }))).toMatchObject({ acr: 'aal2' })
  })
})

describe('a project that requires a second factor', () => {
  let own: TestProject
  let at: string
  beforeAll(async () => {
    own = await createTestProject(database, { settings: { mfa: 'required' } })
    at = plane.url + own.path
  })
  const pendingSignUp = (email: string) => call(`${at}/signup`, { body: { email, password: PASSWORD } })

  test('starts no session before the user has one', async () => {
    const pending = await pendingSignUp('a@example.com')
    expect(pending.status).toBe(201)
    expect(pending.body).toEqual({
      mfa_enrolment_required: true,
      mfa_token: expect.any(String),
      expires_in: 300,
      device_token: expect.any(String),
    })
    expect((await admin.query('select 1 from auth.session where project_id = $1', [own.id])).rows).toEqual([])
    const token = pending.body.mfa_token
    expect((await call(`${at}/user`, { token })).status).toBe(401)
    expect(code(await verify(token, { code: '000000' }, at))).toBe('invalid_or_expired_token')
    const started = await call(`${at}/factors`, { body: { type: 'totp', mfa_token: token } })
    expect(started.status).toBe(201)
    const wrong = await call(`${at}/factors/${started.body.factor_id}/verify`, { body: { mfa_token: token, code: '000000' } })
    expect(code(wrong)).toBe('invalid_code')
    const done = await call(`${at}/factors/${started.body.factor_id}/verify`, {
      body: { mfa_token: token, code: codeNow(started.body.otpauth_uri) },
    })
    expect(done.status).toBe(200)
    expect(done.body).toMatchObject({ refresh_token: expect.any(String), recovery_codes: expect.any(Array), factor: { status: 'active' } })
    expect(claimsOf(done)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })
    expect((await logIn('a@example.com', at)).body).toMatchObject({ mfa_required: true })
  })

  test('an enrolment token adds no factor beside one that came since', async () => {
    const first = (await pendingSignUp('b@example.com')).body.mfa_token
    const second = (await logIn('b@example.com', at)).body.mfa_token
    const start = (token: string) => call(`${at}/factors`, { body: { type: 'totp', mfa_token: token } })
    const mine = await start(first)
    expect(
      (await call(`${at}/factors/${mine.body.factor_id}/verify`, { body: { mfa_token: first, code: codeNow(mine.body.otpauth_uri) } }))
        .status,
    ).toBe(200)
    expect(code(await start(second))).toBe('invalid_or_expired_token')
  })

  test('enrolment needs a token or a session', async () => {
    expect(code(await call(`${at}/factors`, { body: { type: 'totp' } }))).toBe('unauthenticated')
    expect(code(await call(`${at}/factors`, { body: { type: 'totp', mfa_token: 'made up' } }))).toBe('invalid_or_expired_token')
    expect(code(await call(`${at}/factors`, { token: 'made-up', body: { type: 'totp' } }))).toBe('invalid_token')
  })
})

test('a project name that ends in an emoji where the label is cut can be enrolled for, and its codes work', async () => {
  const long = await createTestProject(database, { name: `${'a'.repeat(127)}😀`, settings: { mfa: 'optional' } })
  const at = plane.url + long.path
  const { uri } = await enrol((await signUp(at)).accessToken, at)
  expect(new URL(uri).searchParams.get('issuer')).toBe('a'.repeat(127))
})
