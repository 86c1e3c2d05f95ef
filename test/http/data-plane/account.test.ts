import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
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
  project = await createTestProject(database)
  base = plane.url + project.path
})

afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code

describe('the signed-in user', () => {
  test.each(['user', 'me'])('is read at /%s', async (path) => {
    const { accessToken, userId, email } = await signUp(base)
    const answer = await call(`${base}/${path}`, { token: accessToken })
    expect(answer.body).toMatchObject({ user_id: userId, token: accessToken, user: { id: userId, email } })
    expect(Object.keys(answer.body.user).toSorted()).toEqual([
      'app_metadata',
      'created_at',
      'disabled',
      'email',
      'email_verified',
      'factors',
      'id',
      'identities',
      'last_sign_in_at',
      'metadata',
      'updated_at',
    ])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('needs a live session, not only a signature', async () => {
    const { accessToken } = await signUp(base)
    const claims = jwt.decode(accessToken) as jwt.JwtPayload
    const minted = jwt.sign({ ...claims, sid: '00000000-0000-4000-8000-000000000001' }, project.secret, {
      header: { alg: 'HS256', kid: project.kid, typ: 'at+jwt' },
    })
    expect(code(await call(`${base}/user`, { token: minted }))).toBe('session_ended')
    expect(code(await call(`${base}/user`, { token: 'nonsense' }))).toBe('invalid_token')
    const none = await call(`${base}/user`)
    expect([none.status, code(none), none.headers.get('www-authenticate')]).toEqual([401, 'unauthenticated', 'Bearer'])
    expect(code(await call(`${base}/user`, { headers: { authorization: 'Basic eDp5' } }))).toBe('unauthenticated')
  })

  test('changes metadata key by key; null removes', async () => {
    const { accessToken } = await signUp(base, { metadata: { a: 1, b: { c: 2 } } })
    const patch = (metadata: unknown) => call(`${base}/user`, { method: 'PATCH', body: { metadata }, token: accessToken })
    expect((await patch({ a: null, b: { d: 3 }, e: [1] })).body.user.metadata).toEqual({ b: { d: 3 }, e: [1] })
    expect(code(await patch({ big: 'x'.repeat(17_000) }))).toBe('validation_error')
    expect(code(await patch('text'))).toBe('validation_error')
    expect(code(await call(`${base}/user`, { method: 'PATCH', body: { email: 'x@example.com' }, token: accessToken }))).toBe(
      'validation_error',
    )
    expect((await call(`${base}/user`, { token: accessToken })).body.user.metadata).toEqual({ b: { d: 3 }, e: [1] })
  })

  test('cannot grow past the size limit in small steps', async () => {
    const { accessToken } = await signUp(base)
    const statuses = []
    for (let i = 0; i < 3; i += 1)
      statuses.push(
        (await call(`${base}/user`, { method: 'PATCH', body: { metadata: { [`k${i}`]: 'x'.repeat(6_000) } }, token: accessToken })).status,
      )
    expect(statuses).toEqual([200, 200, 422])
  })

  test('deletes the account with the password; it is gone at once', async () => {
    const { accessToken, refreshToken, userId, email } = await signUp(base)
    plane.clock.advanceSeconds(601)
    const remove = (body?: object) => call(`${base}/user`, { method: 'DELETE', token: accessToken, ...(body && { body }) })
    expect(code(await remove())).toBe('reauthentication_required')
    expect(code(await remove({ password: 'wrong wrong' }))).toBe('invalid_credentials')
    expect((await remove({ password: PASSWORD })).body).toEqual({ ok: true })
    expect(code(await call(`${base}/user`, { token: accessToken }))).toBe('session_ended')
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(401)
    expect((await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })).status).toBe(401)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    const { rows } = await admin.query<{ payload: unknown }>(
      `select payload from auth.outbox where project_id = $1 and kind = 'security_notice' and payload->>'end_user_id' = $2`,
      [project.id, userId],
    )
    expect(rows).toEqual([{ payload: { end_user_id: userId, event: 'account_deleted', address: email } }])
    const audit = await admin.query<{ action: string }>(
      `select action from auth.audit_event where project_id = $1 and actor_id = $2 order by created_at desc limit 1`,
      [project.id, userId],
    )
    expect(audit.rows[0]!.action).toBe('user.deleted')
    // The address is free again.
    await signUp(base, { email })
  })

  test('deletes the account without a password shortly after the login', async () => {
    const { accessToken } = await signUp(base)
    expect((await call(`${base}/me`, { method: 'DELETE', token: accessToken })).status).toBe(200)
  })
})
