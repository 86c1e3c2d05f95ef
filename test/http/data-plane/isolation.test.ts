import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let red: TestProject
let blue: TestProject
let atRed: string
let atBlue: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  ;[red, blue] = await Promise.all([createTestProject(database), createTestProject(database)])
  atRed = plane.url + red.path
  atBlue = plane.url + blue.path
})

afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const email = 'same@example.com'
const RED = 'the red passphrase 1'
const BLUE = 'the blue passphrase 2'

test('one address lives in two projects with two passwords, and nothing of one works in the other', async () => {
  const inRed = await signUp(atRed, { email, password: RED })
  const inBlue = await signUp(atBlue, { email, password: BLUE })
  expect(inRed.userId).not.toBe(inBlue.userId)

  const logIn = async (at: string, password: string) => (await call(`${at}/login`, { body: { email, password } })).status
  expect([await logIn(atRed, RED), await logIn(atRed, BLUE), await logIn(atBlue, BLUE), await logIn(atBlue, RED)]).toEqual([
    200, 401, 200, 401,
  ])

  const token = inRed.accessToken
  expect(code(await call(`${atBlue}/verify`, { body: { token } }))).toBe('invalid_token')
  for (const [method, path, body] of [
    ['GET', 'user'],
    ['PATCH', 'user', { metadata: {} }],
    ['DELETE', 'user', { password: RED }],
    ['GET', 'sessions'],
    ['DELETE', 'sessions'],
    ['POST', 'logout'],
    ['POST', 'password', { current_password: RED, password: 'yet another one 3' }],
    ['POST', 'email/change', { email: 'x@example.com', password: RED }],
  ] as const) {
    const answer = await call(`${atBlue}/${path}`, { method, token, ...(body && { body }) })
    expect([method, path, answer.status, code(answer)]).toEqual([method, path, 401, 'invalid_token'])
  }

  expect(code(await call(`${atBlue}/refresh`, { body: { refresh_token: inRed.refreshToken } }))).toBe('invalid_token')
  expect(code(await call(`${atBlue}/logout`, { body: { refresh_token: inRed.refreshToken } }))).toBe('invalid_token')
  expect((await call(`${atRed}/refresh`, { body: { refresh_token: inRed.refreshToken } })).status).toBe(200)

  const redSession = (await call(`${atRed}/sessions`, { token })).body.data[0].id as string
  expect(code(await call(`${atBlue}/sessions/${redSession}`, { method: 'DELETE', token: inBlue.accessToken }))).toBe('not_found')
  expect((await call(`${atRed}/user`, { token })).status).toBe(200)
})

test('a holder of one project\'s secret forges nothing for another', async () => {
  const victim = await signUp(atBlue)
  const claims = jwt.decode(victim.accessToken) as jwt.JwtPayload
  const forged = [
    jwt.sign(claims, red.secret, { header: { alg: 'HS256', kid: blue.kid, typ: 'at+jwt' } }),
    jwt.sign(claims, red.secret, { header: { alg: 'HS256', kid: red.kid, typ: 'at+jwt' } }),
  ]
  for (const token of forged) expect(code(await call(`${atBlue}/user`, { token }))).toBe('invalid_token')
  // In its own project the holder can sign anything, but no session of another project is live there.
  const crossed = jwt.sign({ ...claims, iss: claims['iss']!.replace(blue.id, red.id), aud: red.path.slice(1) }, red.secret, {
    header: { alg: 'HS256', kid: red.kid, typ: 'at+jwt' },
  })
  expect(code(await call(`${atRed}/user`, { token: crossed }))).toBe('session_ended')
})

test('a mailed token is spent only in its own project', async () => {
  const user = await signUp(atRed)
  for (const [purpose, path, body] of [
    ['password_reset', 'password-reset/confirm', { password: 'yet another one 3' }],
    ['email_confirm', 'email/confirm', {}],
    ['email_change_undo', 'email/change/undo', {}],
  ] as const) {
    const payload = { email: user.email, old_address: user.email, new_address: 'n@example.com' }
    const token = await mintOneTimeToken(admin, red, { userId: user.userId, purpose, payload, now: plane.clock.now() })
    expect([purpose, code(await call(`${atBlue}/${path}`, { body: { token, ...body } }))]).toEqual([purpose, 'invalid_or_expired_token'])
    expect([purpose, (await call(`${atRed}/${path}`, { body: { token, ...body } })).status]).toEqual([purpose, 200])
  }
})

test('limits of one project do not count in another', async () => {
  const body = { email: 'limited@example.com' }
  for (let i = 0; i < 5; i += 1) await call(`${atRed}/password-reset`, { body })
  expect((await call(`${atRed}/password-reset`, { body })).status).toBe(429)
  expect((await call(`${atBlue}/password-reset`, { body })).status).toBe(200)
})

test('nothing secret is stored: no token, and no password but as a hash', async () => {
  const user = await signUp(atRed, { password: 'a very findable phrase 77' })
  const next = (await call(`${atRed}/refresh`, { body: { refresh_token: user.refreshToken } })).body
  const tables = ['end_user', 'session', 'one_time_token', 'outbox', 'audit_event']
  let dump = ''
  for (const table of tables)
    dump += (await admin.query<{ row: string }>(`select t::text as row from auth.${table} t`)).rows.map(({ row }) => row).join('\n')
  for (const secret of ['a very findable phrase 77', user.refreshToken, next.refresh_token as string, user.accessToken]) {
    expect(dump).not.toContain(secret)
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'))
  }
  // Not even its MAC: a refresh token is computed.
  expect(dump).not.toContain(Buffer.from(user.refreshToken, 'base64url').subarray(20).toString('hex'))
})
