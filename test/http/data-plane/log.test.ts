import { afterAll, beforeAll, expect, test } from 'vitest'
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

let database: TestDatabase
let plane: RunningDataPlane
let project: TestProject
const lines: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database, { logTo: (line) => lines.push(line) })
  project = await createTestProject(database)
})

afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

test('the log has one line per request and never an address, token, secret, password or client address', async () => {
  const base = plane.url + project.path
  const admin = await openAdmin(database)
  const { email, userId, accessToken, refreshToken } = await signUp(base, { email: 'logged.person@example.com' })
  const token = await mintOneTimeToken(admin, project, { userId, purpose: 'password_reset', payload: { email }, now: plane.clock.now() })
  await admin.end()
  const before = lines.length
  await call(`${base}/login`, { body: { email, password: 'a wrong findable phrase' }, ip: '203.0.113.99' })
  await call(`${base}/login`, { body: `{"email":"${email}","password":"${PASSWORD}`, ip: '203.0.113.99' })
  await call(`${base}/mail/password_reset?token=${token}`, {
    headers: { referer: `${base}/mail/x?token=${token}`, cookie: `__Secure-portico-refresh=${refreshToken}` },
  })
  await call(`${base}/password-reset/confirm`, { body: { token, password: 'short' } })
  await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })
  await call(`${base}/user?access_token=${accessToken}`, { token: accessToken })
  await call(`${base}/verify`, { body: { token: `${accessToken}x` } })
  await call(`${base}/nothing/${encodeURIComponent(email)}`)
  // Beside them the attempt to sign in has a line (sign-in-log.test.ts).
  const since = () => lines.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>)
  const requests = () => since().filter(({ msg }) => msg === 'request')
  await expect.poll(() => requests().length).toBe(8)
  const text = lines.join('\n')
  for (const secret of [
    email,
    encodeURIComponent(email),
    'logged.person',
    PASSWORD,
    'a wrong findable phrase',
    token,
    accessToken,
    refreshToken,
    project.secret,
    '203.0.113.99',
    '10.0.',
  ]) {
    expect([secret, text.includes(secret)]).toEqual([secret, false])
  }
  const [request] = requests()
  expect(request).toMatchObject({
    method: 'POST',
    route: '/auth/login',
    status: 401,
    code: 'invalid_credentials',
    project_id: project.id,
    service: 'data-plane',
  })
  expect(request!['request_id']).toBeTruthy()
})
