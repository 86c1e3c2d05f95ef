import { hash } from '@node-rs/argon2'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  TEST_PUBLIC_URL,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { noteChange } from '../../support/sql.js'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database)
  base = plane.url + project.path
})

afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const withSettings = async (settings: Record<string, unknown>) => {
  const made = await createTestProject(database, { settings })
  return { project: made, base: plane.url + made.path }
}
const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const outboxOf = async (projectId: string) =>
  (await admin.query<{ kind: string; payload: Record<string, unknown> }>('select kind, payload from auth.outbox where project_id = $1 order by created_at, kind', [projectId])).rows
const auditOf = async (projectId: string) =>
  (await admin.query<{ action: string }>('select action from auth.audit_event where project_id = $1 order by created_at', [projectId])).rows.map((row) => row.action)
/** Timings and ids differ; everything else an observer sees must not. */
const shape = (answer: { status: number; headers: Headers; body: { error?: { request_id?: string } } | null }) => {
  const body = structuredClone(answer.body)
  if (body?.error) delete body.error.request_id
  const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id', 'mail-request-id'].includes(name))
  return { status: answer.status, headers, body }
}

describe('sign-up', () => {
  test('gives a session whose token any library verifies with the secret as text', async () => {
    const { answer, email } = await signUp(base, { metadata: { plan: 'free' } })
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      user: { email, email_verified: false, metadata: { plan: 'free' }, disabled: false },
    })
    expect(answer.body.token).toBe(answer.body.access_token)
    expect(answer.body.refresh_token).toMatch(/^[\w-]{70}$/)
    expect(answer.body.user_id).toBe(answer.body.user.id)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const claims = jwt.verify(answer.body.access_token, project.secret, { algorithms: ['HS256'] }) as jwt.JwtPayload
    expect(claims).toMatchObject({
      iss: TEST_PUBLIC_URL + project.path,
      sub: answer.body.user_id,
      email,
      email_verified: false,
      amr: ['pwd'],
    })
    expect(claims).not.toHaveProperty('aud')
    expect(claims['exp']! - claims['iat']!).toBe(3600)
    expect(JSON.stringify(answer.body)).not.toContain('argon2')
  })

  test('writes the account, its confirmation mail and its audit row together', async () => {
    const { project: own, base: at } = await withSettings({})
    const { userId } = await signUp(at)
    expect(await outboxOf(own.id)).toEqual([{ kind: 'email_confirm', payload: { end_user_id: userId } }])
    expect(await auditOf(own.id)).toEqual(['user.signed_up'])
  })

  test('tells in instant mode that an address is taken, however it is spelt', async () => {
    const { email } = await signUp(base)
    const again = await call(`${base}/signup`, { body: { email: ` ${email.toUpperCase()}`, password: PASSWORD } })
    expect([again.status, code(again)]).toEqual([422, 'email_taken'])
  })

  test.each([{ signup_mode: 'private' }, { require_email_confirmation: true }])('answers the same for new and known addresses with %o', async (settings) => {
    const { project: own, base: at } = await withSettings(settings)
    const body = { email: 'quiet@example.com', password: PASSWORD }
    const first = await call(`${at}/signup`, { body })
    // Within a minute of the first mail to the address no second one goes out.
    plane.clock.advanceSeconds(61)
    const second = await call(`${at}/signup`, { body: { ...body, password: 'another fine passphrase 7' } })
    expect(first.status).toBe(202)
    expect(first.body).toEqual({ ok: true, confirmation_required: true })
    expect(shape(second)).toEqual(shape(first))
    expect((await outboxOf(own.id)).map((row) => row.kind)).toEqual(['email_confirm', 'sign_up_attempt'])
    // The second password did not replace the first.
    const { rows } = await admin.query('select count(*)::int as n from auth.end_user where project_id = $1', [own.id])
    expect(rows[0]).toEqual({ n: 1 })
  })

  test('mails the owner of a taken address at most once a minute', async () => {
    const { project: own, base: at } = await withSettings({ signup_mode: 'private' })
    const body = { email: 'bombed@example.com', password: PASSWORD }
    await call(`${at}/signup`, { body })
    plane.clock.advanceSeconds(61)
    for (let i = 0; i < 3; i += 1) await call(`${at}/signup`, { body })
    expect((await outboxOf(own.id)).map((row) => row.kind)).toEqual(['email_confirm', 'sign_up_attempt'])
  })

  test('is refused where sign-ups or the provider are off', async () => {
    const closed = await withSettings({ allow_signups: false })
    expect(code(await call(`${closed.base}/signup`, { body: { email: 'a@example.com', password: PASSWORD } }))).toBe('signups_disabled')
    const other = await withSettings({ providers: ['passkey'] })
    for (const path of ['signup', 'login', 'password-reset']) {
      const answer = await call(`${other.base}/${path}`, { body: { email: 'a@example.com', ...(path === 'password-reset' ? {} : { password: PASSWORD }) } })
      expect([answer.status, code(answer)]).toEqual([403, 'provider_not_enabled'])
    }
  })

  test.each([
    ['Zq3!xyz', 'too_short'],
    ['password123', 'too_common'],
    ['xy'.repeat(129), 'too_long'],
    ['policy@example.com', 'contains_email'],
    ['Test app 2024', 'contains_project_name'],
  ])('refuses the password %j: %s', async (password, reason) => {
    const answer = await call(`${base}/signup`, { body: { email: 'policy@example.com', password } })
    expect([answer.status, code(answer)]).toEqual([422, 'weak_password'])
    expect(answer.body.error.details).toEqual([{ field: 'password', code: reason, message: expect.any(String) }])
    expect(answer.text).not.toContain(password)
  })

  test.each([
    [{ email: 'nobody', password: PASSWORD }, 422, 'validation_error'],
    [{ email: 5, password: PASSWORD }, 422, 'validation_error'],
    [{ password: PASSWORD }, 422, 'validation_error'],
    [{ email: 'a@example.com' }, 422, 'validation_error'],
    [{ email: 'a@example.com', password: PASSWORD, admin: true }, 422, 'validation_error'],
    [{ email: 'a@example.com', password: PASSWORD, metadata: [] }, 422, 'validation_error'],
    [{ email: 'a@example.com', password: PASSWORD, metadata: { x: 'y'.repeat(17_000) } }, 422, 'validation_error'],
    [{ email: 'a@example.com', password: 'a\u0000bcdefghijk' }, 422, 'validation_error'],
    [[], 400, 'invalid_request'],
    ['{"email":', 400, 'invalid_json'],
    ['{"__proto__":{"x":1}}', 400, 'invalid_json'],
    [{ email: 'a@example.com', password: 'x'.repeat(70_000) }, 413, 'payload_too_large'],
  ])('refuses a bad body: %j', async (body, status, expected) => {
    const answer = await call(`${base}/signup`, { body })
    expect([answer.status, code(answer)]).toEqual([status, expected])
    expect(answer.body.error.request_id).toBe(answer.headers.get('x-request-id'))
  })

  test('is limited by client address', async () => {
    const { base: at } = await withSettings({ limits: { signup_client: { points: 2, window_seconds: 60 } } })
    const answers = []
    for (let i = 0; i < 3; i += 1) answers.push(await call(`${at}/signup`, { ip: '203.0.113.9', body: { email: `limit${i}@example.com`, password: PASSWORD } }))
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 429])
    expect(answers[2]!.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(answers[2]!.headers.get('ratelimit-remaining')).toBe('0')
  })
})

describe('login', () => {
  test('a right password starts a session that verifies', async () => {
    const { email, userId } = await signUp(base)
    const login = await call(`${base}/login`, { body: { email: ` ${email.toUpperCase()} `, password: PASSWORD } })
    expect([login.status, login.body.user_id]).toEqual([200, userId])
    expect((await call(`${base}/token`, { body: { email, password: PASSWORD } })).status).toBe(200)
    const verify = await call(`${base}/verify`, { body: { token: login.body.access_token } })
    expect(verify.body).toMatchObject({
      valid: true,
      user_id: userId,
      token: login.body.access_token,
      sub: userId,
      claims: { sub: userId, email },
    })
    expect((await call(`${base}/verify`, { method: 'POST', token: login.body.access_token })).body.valid).toBe(true)
  })

  test('an unknown address, a wrong password and a disabled account look alike', async () => {
    const known = await signUp(base)
    const disabled = await signUp(base)
    await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, disabled.userId])
    const wrong = await call(`${base}/login`, { body: { email: known.email, password: 'not the right one' } })
    const unknown = await call(`${base}/login`, { body: { email: 'nobody.at.all@example.com', password: 'not the right one' } })
    const off = await call(`${base}/login`, { body: { email: disabled.email, password: PASSWORD } })
    expect([wrong.status, code(wrong)]).toEqual([401, 'invalid_credentials'])
    expect(shape(unknown)).toEqual(shape(wrong))
    expect(shape(off)).toEqual(shape(wrong))
  })

  test('an unconfirmed address is told only to who knows the password', async () => {
    const { base: at } = await withSettings({ require_email_confirmation: true })
    await call(`${at}/signup`, { body: { email: 'later@example.com', password: PASSWORD } })
    expect(code(await call(`${at}/login`, { body: { email: 'later@example.com', password: 'wrong password' } }))).toBe('invalid_credentials')
    const right = await call(`${at}/login`, { body: { email: 'later@example.com', password: PASSWORD } })
    expect([right.status, code(right)]).toEqual([403, 'email_not_confirmed'])
  })

  test('in private mode signing an address up and logging in does not tell whether it was new', async () => {
    const { project: own, base: at } = await withSettings({ signup_mode: 'private' })
    await call(`${at}/signup`, { body: { email: 'owner@example.com', password: PASSWORD } })
    await admin.query('update auth.end_user set email_verified_at = now() where project_id = $1', [own.id])
    const probe = 'a probing passphrase 4'
    const answers = []
    for (const email of ['owner@example.com', 'fresh@example.com']) {
      const signedUp = await call(`${at}/signup`, { body: { email, password: probe } })
      answers.push([shape(signedUp), shape(await call(`${at}/login`, { body: { email, password: probe } }))])
    }
    expect(answers[1]).toEqual(answers[0])
  })

  test('upgrades a hash with old parameters, and concurrent logins all succeed', async () => {
    const { email, userId } = await signUp(base)
    const old = await hash(PASSWORD, { algorithm: 2, memoryCost: 8_192, timeCost: 2, parallelism: 1 })
    await admin.query('update auth.end_user set password_hash = $3 where project_id = $1 and id = $2', [project.id, userId, old])
    const logins = await Promise.all([1, 2, 3].map(() => call(`${base}/login`, { body: { email, password: PASSWORD } })))
    expect(logins.map((login) => login.status)).toEqual([200, 200, 200])
    const { rows } = await admin.query<{ password_hash: string }>('select password_hash from auth.end_user where project_id = $1 and id = $2', [project.id, userId])
    expect(rows[0]!.password_hash).toContain('m=19456,t=2,p=1')
  })

  test('slows guessing down and then stops it, and a right password starts afresh', async () => {
    const { base: at } = await withSettings({ limits: { login_account: { points: 4, window_seconds: 900 } } })
    const { email } = await signUp(at)
    const attempt = (password: string) => call(`${at}/login`, { body: { email, password } })
    const statuses = []
    for (let i = 0; i < 3; i += 1) statuses.push((await attempt('wrong wrong wrong')).status)
    expect(statuses).toEqual([401, 401, 429])
    const held = await attempt(PASSWORD)
    expect([held.status, code(held)]).toEqual([429, 'rate_limited'])
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0)
    plane.clock.advanceSeconds(2)
    expect((await attempt(PASSWORD)).status).toBe(200)
    expect((await attempt(PASSWORD)).status).toBe(200)
  })

  test('refuses over the limit alike for known and unknown addresses', async () => {
    const { base: at } = await withSettings({ limits: { login_account: { points: 2, window_seconds: 900 } } })
    const { email } = await signUp(at)
    const last = async (address: string) => {
      const answers = []
      for (let i = 0; i < 4; i += 1) answers.push((await call(`${at}/login`, { body: { email: address, password: 'wrong wrong wrong' } })).status)
      return answers
    }
    expect(await last(email)).toEqual(await last('ghost@example.com'))
  })

  test('answers 503 and Retry-After when hashing is overloaded, which costs no attempt', async () => {
    const never = () => new Promise<never>(() => undefined)
    const hasher = new PasswordHasher({ maxInFlight: 1, minRoom: 1, maxWaitMs: 1, engine: { hash: never, verify: never } })
    for (let i = 0; i < 2; i += 1) void hasher.hash(PASSWORD, { projectId: 'another' })
    const busy = await startDataPlane(database, { hasher })
    for (let i = 0; i < 25; i += 1) {
      const answer = await call(`${busy.url}${project.path}/login`, { body: { email: 'a@example.com', password: PASSWORD } })
      expect([answer.status, code(answer), answer.headers.get('retry-after')]).toEqual([503, 'overloaded', '1'])
    }
    await busy.close()
  })
})

describe('verify', () => {
  test('refuses everything wrong with one answer', async () => {
    const { accessToken, userId } = await signUp(base)
    const { accessToken: other } = await signUp(base)
    const claims = jwt.decode(accessToken) as jwt.JwtPayload
    const header = { alg: 'HS256' as const, kid: project.kid, typ: 'at+jwt' }
    const forge = (change: object, secret = project.secret) => jwt.sign({ ...claims, ...change }, secret, { header })
    const [head, payload, signature] = accessToken.split('.')
    const bad = [
      '', 'x', 'a.b.c', `${head}.${payload}.`, `${head}.${payload}.${signature!.startsWith('A') ? 'B' : 'A'}${signature!.slice(1)}`, accessToken.slice(0, -1),
      forge({}, 'f'.repeat(64)),
      forge({ iss: 'https://evil.example' }),
      forge({ aud: 'proj_00000000-0000-4000-8000-000000000000' }),
      forge({ exp: claims['iat']! - 10, iat: claims['iat']! - 20 }),
      forge({ sid: '00000000-0000-4000-8000-000000000000' }),
      forge({ sid: 'not-a-uuid' }),
      // Another user's live session does not vouch for this subject.
      forge({ sid: (jwt.decode(other) as jwt.JwtPayload)['sid'] }),
      jwt.sign(claims, project.secret, { header: { alg: 'HS256', kid: project.kid, typ: 'logout+jwt' } }),
      `${Buffer.from(JSON.stringify({ alg: 'none', kid: project.kid, typ: 'at+jwt' })).toString('base64url')}.${payload}.`,
    ]
    expect((await call(`${base}/verify`, { body: { token: forge({}) } })).status).toBe(200)
    for (const token of bad) {
      const answer = await call(`${base}/verify`, { body: { token } })
      expect([token, answer.status, code(answer)]).toEqual([token, 401, 'invalid_token'])
    }
    expect(code(await call(`${base}/verify`, { method: 'POST' }))).toBe('invalid_token')
    await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, userId])
    await noteChange(admin, project.id, userId)
    // An ending elsewhere counts here a moment later.
    await expect.poll(async () => code(await call(`${base}/verify`, { body: { token: accessToken } })), { timeout: 10_000, interval: 5 }).toBe('invalid_token')
  })

  test('refuses a token at its expiry', async () => {
    const { accessToken } = await signUp(base)
    plane.clock.advanceSeconds(3_599)
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(200)
    plane.clock.advanceSeconds(2)
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(401)
  })
})

describe('password reset', () => {
  const mint = (userId: string, email: string, ttlSeconds = 3_600) =>
    mintOneTimeToken(admin, project, { userId, purpose: 'password_reset', payload: { email }, now: plane.clock.now(), ttlSeconds })
  const confirm = (token: string, password: string) => call(`${base}/password-reset/confirm`, { body: { token, password } })

  test('a request writes one row and answers the same for known and unknown addresses', async () => {
    const { project: own, base: at } = await withSettings({ redirect_urls: ['https://app.example/reset'] })
    const { email } = await signUp(at)
    const known = await call(`${at}/password-reset`, { body: { email, redirect_to: 'https://app.example/reset' } })
    const unknown = await call(`${at}/reset`, { body: { email: 'Unknown@Example.com' } })
    expect(known.body).toEqual({ ok: true, delivery: 'not_configured' })
    expect(shape(unknown)).toEqual(shape(known))
    expect((await outboxOf(own.id)).filter((row) => row.kind === 'password_reset').map((row) => row.payload)).toEqual([
      { address: email, redirect_to: 'https://app.example/reset' },
      { address: 'unknown@example.com' },
    ])
  })

  test('says queued when mail is set up', async () => {
    const mailing = await startDataPlane(database, { emailConfigured: true })
    expect((await call(`${mailing.url}${project.path}/password-reset`, { body: { email: 'x@example.com' } })).body.delivery).toBe('queued')
    await mailing.close()
  })

  test.each(['https://evil.example', 'https://app.example/reset/../x', 'https://app.example/reset?x=1', 'javascript:alert(1)', '//app.example/reset'])(
    'refuses the redirect %s', async (redirect) => {
      const { base: at } = await withSettings({ redirect_urls: ['https://app.example/reset'], site_url: 'https://app.example' })
      const answer = await call(`${at}/password-reset`, { body: { email: 'x@example.com', redirect_to: redirect } })
      expect([answer.status, answer.body.error.details[0].field]).toEqual([422, 'redirect_to'])
    })

  test('mails once a minute and refuses after five requests, known or not', async () => {
    const { project: own, base: at } = await withSettings({})
    const statuses = []
    for (let i = 0; i < 6; i += 1) statuses.push((await call(`${at}/password-reset`, { body: { email: 'often@example.com' } })).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect(await outboxOf(own.id)).toHaveLength(1)
  })

  test('a token sets the password once, ends every session, verifies the address and starts no session', async () => {
    const { email, userId, accessToken, refreshToken } = await signUp(base)
    const token = await mint(userId, email)
    const spare = await mint(userId, email)
    const done = await confirm(token, 'an entirely new phrase 5')
    expect([done.status, done.body]).toEqual([200, { ok: true }])
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(401)
    expect(code(await call(`${base}/refresh`, { body: { refresh_token: refreshToken } }))).toBe('session_ended')
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    const login = await call(`${base}/login`, { body: { email, password: 'an entirely new phrase 5' } })
    expect(login.body.user.email_verified).toBe(true)
    for (const spent of [token, spare]) {
      const again = await confirm(spent, 'yet another phrase 6')
      expect([again.status, code(again)]).toEqual([400, 'invalid_or_expired_token'])
    }
    const { rows } = await admin.query<{ kind: string }>(`select kind from auth.outbox where project_id = $1 and payload->>'end_user_id' = $2`, [project.id, userId])
    expect(rows.map((row) => row.kind).toSorted()).toEqual(['email_confirm', 'password_changed'])
  })

  test('a refused password does not spend the token', async () => {
    const { email, userId } = await signUp(base)
    const token = await mint(userId, email)
    expect(code(await confirm(token, 'short'))).toBe('weak_password')
    expect(code(await confirm(token, email))).toBe('weak_password')
    expect((await confirm(token, 'an entirely new phrase 5')).status).toBe(200)
  })

  test('an expired, a made-up and a disabled user\'s token are refused', async () => {
    const { email, userId } = await signUp(base)
    const token = await mint(userId, email, 60)
    plane.clock.advanceSeconds(61)
    for (const bad of [token, 'made-up', 'x'.repeat(43)]) expect(code(await confirm(bad, 'an entirely new phrase 5'))).toBe('invalid_or_expired_token')
    const live = await mint(userId, email)
    await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, userId])
    expect(code(await confirm(live, 'an entirely new phrase 5'))).toBe('invalid_or_expired_token')
  })

  test('a link stops working after the address changes', async () => {
    const { email, userId } = await signUp(base)
    const token = await mint(userId, email)
    await admin.query('update auth.end_user set email = $3 where project_id = $1 and id = $2', [project.id, userId, `moved.${email}`])
    expect(code(await confirm(token, 'an entirely new phrase 5'))).toBe('invalid_or_expired_token')
  })
})

describe('password change', () => {
  test('needs the current password, keeps this session and ends the others and waiting reset links', async () => {
    const { email, userId, accessToken } = await signUp(base)
    const other = await call(`${base}/login`, { body: { email, password: PASSWORD } })
    const reset = await mintOneTimeToken(admin, project, { userId, purpose: 'password_reset', payload: { email }, now: plane.clock.now() })
    const change = (body: object, token?: string) => call(`${base}/password`, { body, token })
    expect(code(await change({ current_password: PASSWORD, password: 'a changed phrase 11' }))).toBe('unauthenticated')
    expect(code(await change({ current_password: 'wrong wrong', password: 'a changed phrase 11' }, accessToken))).toBe(
      'invalid_credentials',
    )
    expect(code(await change({ current_password: PASSWORD, password: 'short' }, accessToken))).toBe('weak_password')
    const done = await change({ current_password: PASSWORD, password: 'a changed phrase 11' }, accessToken)
    expect([done.status, done.body]).toEqual([200, { ok: true }])
    expect((await call(`${base}/user`, { token: accessToken })).status).toBe(200)
    expect(code(await call(`${base}/user`, { token: other.body.access_token }))).toBe('session_ended')
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await call(`${base}/login`, { body: { email, password: 'a changed phrase 11' } })).status).toBe(200)
    expect(code(await call(`${base}/password-reset/confirm`, { body: { token: reset, password: 'a third phrase 12' } }))).toBe('invalid_or_expired_token')
  })
})
