import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt } from '../../support/authenticator-app.js'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { startRedis, type RedisServer } from '../../support/redis-server.js'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { settings: { mfa: 'optional', providers: ['email', 'magic_link'] } })
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code

/** Of a proven address: with another one, the first proof takes the factors off. */
async function withFactor(at = base, clock = plane.clock) {
  const user = await signUp(at)
  await admin.query('update auth.end_user set email_verified_at = $2 where id = $1', [user.userId, clock.now()])
  const { body } = await call(`${at}/factors`, { token: user.accessToken, body: { type: 'totp' } })
  const activated = await call(`${at}/factors/${body.factor_id}/verify`, {
    token: user.accessToken,
    body: { code: codeAt(body.otpauth_uri, clock.now()) },
  })
  if (activated.status !== 200) throw new Error(activated.text)
  return { ...user, uri: body.otpauth_uri as string, recoveryCodes: activated.body.recovery_codes as string[] }
}

/** The code that a redirect carries after a social sign-in, or after our own page of a magic link. */
async function exchange(userId: string, amr: string[]) {
  const [exchangeCode, verifier] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
  const digest = (text: string) => createHash('sha256').update(text).digest()
  await admin.query(
    `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, code_challenge, created_at, expires_at) values ($1, $2, $3, 'sign_in', $4, $5, $6, $7)`,
    [
      project.id,
      digest(exchangeCode),
      userId,
      amr,
      digest(verifier).toString('base64url'),
      plane.clock.now(),
      new Date(plane.clock.now().getTime() + 60_000),
    ],
  )
  return call(`${base}/token/exchange`, { body: { code: exchangeCode, code_verifier: verifier } })
}

/** A mailed link, stored as the worker does. */
async function magicLink(email: string) {
  const token = randomBytes(32).toString('base64url')
  await admin.query(
    `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, link_digest, created_at, expires_at) values ($1, gen_random_uuid(), 'sign_in', $2, $2, $3, $4, $5)`,
    [project.id, email, createHash('sha256').update(token).digest(), plane.clock.now(), new Date(plane.clock.now().getTime() + 60_000)],
  )
  return call(`${base}/magic-link/confirm`, { body: { token } })
}

describe('every way in that is not itself multi-factor meets the second factor', () => {
  test.each([
    ['a social sign-in', (user: { userId: string }) => exchange(user.userId, ['google']), 'google'],
    ['a magic link', (user: { email: string }) => magicLink(user.email), 'email'],
  ])('%s', async (_what, enter, amr) => {
    const user = await withFactor()
    const pending = await enter(user)
    expect(pending.status).toBe(200)
    expect(Object.keys(pending.body).toSorted()).toEqual(['expires_in', 'factors', 'mfa_required', 'mfa_token'])
    plane.clock.advanceSeconds(30)
    const session = await call(`${base}/mfa/verify`, {
      body: { mfa_token: pending.body.mfa_token, code: codeAt(user.uri, plane.clock.now()) },
    })
    expect(session.status).toBe(200)
    expect(jwt.decode(session.body.access_token)).toMatchObject({ sub: user.userId, amr: [amr, 'otp', 'mfa'], acr: 'aal2' })
  })

  test('a password reset: the new password is one factor, no more', async () => {
    const user = await withFactor()
    const token = await mintOneTimeToken(admin, project, {
      userId: user.userId,
      purpose: 'password_reset',
      payload: { email: user.email },
      now: plane.clock.now(),
    })
    const reset = await call(`${base}/password-reset/confirm`, { body: { token, password: 'a brand new phrase 42' } })
    expect(reset.body).toEqual({ ok: true })
    const login = await call(`${base}/login`, { body: { email: user.email, password: 'a brand new phrase 42' } })
    expect(login.body).toMatchObject({ mfa_required: true })
  })
})

test('in cookie mode the refresh cookie comes with the session, not before', async () => {
  const own = await createTestProject(database, { settings: { mfa: 'optional', refresh_token_transport: 'cookie' } })
  const at = plane.url + own.path
  const user = await withFactor(at)
  const pending = await call(`${at}/login`, { body: { email: user.email, password: PASSWORD } })
  expect(pending.body.mfa_required).toBe(true)
  // The device has shown the password, which opens nothing.
  expect(pending.headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(['__Secure-portico-device'])
  const session = await call(`${at}/mfa/verify`, { body: { mfa_token: pending.body.mfa_token, code: user.recoveryCodes[0] } })
  expect(session.body.refresh_token).toBeUndefined()
  expect(session.headers.get('set-cookie')).toContain('portico-refresh=')
})

test('the login of somebody without a factor leaves nothing waiting', async () => {
  const { email } = await signUp(base)
  const answer = await call(`${base}/login`, { body: { email, password: PASSWORD } })
  expect(answer.body.access_token).toEqual(expect.any(String))
  const { rows } = await admin.query(
    'select count(*)::int as n from auth.pending_sign_in p join auth.end_user u on u.id = p.end_user_id where u.email = $1',
    [email],
  )
  expect(rows).toEqual([{ n: 0 }])
})

describe('without the shared counter', () => {
  let folder: string
  let redis: RedisServer | null
  let counting: RunningDataPlane
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-factors-'))
    redis = await startRedis({ dir: folder })
    if (redis) counting = await startDataPlane(database, { redisUrl: redis.url })
  })
  afterAll(async () => {
    await counting?.close()
    await redis?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('no second factor can be guessed: 503 with Retry-After, and a right code is not even looked at', async ({ skip }) => {
    if (!redis) return skip()
    const at = counting.url + project.path
    const user = await withFactor(at, counting.clock)
    const pending = (await call(`${at}/login`, { body: { email: user.email, password: PASSWORD } })).body
    await redis.stop()
    for (const guess of ['000000', user.recoveryCodes[0]]) {
      const answer = await call(`${at}/mfa/verify`, { body: { mfa_token: pending.mfa_token, code: guess } })
      expect([answer.status, code(answer), Number(answer.headers.get('retry-after')) > 0]).toEqual([503, 'unavailable', true])
    }
    expect(
      (await admin.query('select 1 from auth.recovery_code where end_user_id = $1 and used_at is not null', [user.userId])).rows,
    ).toEqual([])
    return undefined
  })
})
