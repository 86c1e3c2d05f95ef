import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, TEST_PUBLIC_URL, type RunningDataPlane, type TestProject } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let plane: RunningDataPlane
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  project = await createTestProject(database)
  base = plane.url + project.path
})

afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

describe('sign-up', () => {
  test('gives a session whose token any library verifies with the secret as text', async () => {
    const { answer, email } = await signUp(base, { metadata: { plan: 'free' } })
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      user: { email, email_verified: false, metadata: { plan: 'free' }, disabled: false },
    })
    expect(answer.body.token).toBe(answer.body.access_token)
    expect(answer.body.refresh_token).toMatch(/^[\w-]{43}$/)
    expect(answer.body.user_id).toBe(answer.body.user.id)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const claims = jwt.verify(answer.body.access_token, project.secret, { algorithms: ['HS256'] }) as jwt.JwtPayload
    expect(claims).toMatchObject({ iss: TEST_PUBLIC_URL + project.path, sub: answer.body.user_id, aud: project.path.slice(1), email, email_verified: false, amr: ['pwd'] })
    expect(claims['exp']! - claims['iat']!).toBe(3600)
    expect(JSON.stringify(answer.body)).not.toContain('argon2')
  })
})

describe('login and verify', () => {
  test('a right password starts a session that verifies', async () => {
    const { email, userId } = await signUp(base)
    const login = await call(`${base}/login`, { body: { email: ` ${email.toUpperCase()} `, password: PASSWORD } })
    expect(login.status).toBe(200)
    expect(login.body.user_id).toBe(userId)
    const verify = await call(`${base}/verify`, { body: { token: login.body.access_token } })
    expect(verify.status).toBe(200)
    expect(verify.body).toMatchObject({ valid: true, user_id: userId, token: login.body.access_token, sub: userId, claims: { sub: userId, email } })
    const bearer = await call(`${base}/verify`, { method: 'POST', token: login.body.access_token })
    expect(bearer.body.valid).toBe(true)
  })
})
