import { expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../../support/data-plane.js'
import { createTestDatabase } from '../../support/postgres.js'

test('without its database the plane refuses cleanly, and keys stay readable', async () => {
  const database = await createTestDatabase()
  const plane = await startDataPlane(database)
  try {
    const base = plane.url + (await createTestProject(database)).path
    const { accessToken, refreshToken, email } = await signUp(base)
    const etag = (await call(`${base}/jwks`)).headers.get('etag')
    await database.drop()
    // For two seconds nothing can have been missed; from then on nobody is vouched for.
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(200)
    await expect.poll(async () => (await call(`${base}/verify`, { body: { token: accessToken } })).status, { timeout: 4_000, interval: 50 }).toBe(503)
    for (const [path, body] of [
      ['login', { email, password: PASSWORD }],
      ['verify', { token: accessToken }],
      ['refresh', { refresh_token: refreshToken }],
      ['signup', { email: 'new@example.com', password: PASSWORD }],
      ['password-reset', { email }],
    ] as const) {
      const startedAt = performance.now()
      const answer = await call(`${base}/${path}`, { body })
      expect([path, answer.status, answer.body.error.code, answer.headers.get('retry-after')]).toEqual([path, 503, 'unavailable', '1'])
      expect(performance.now() - startedAt).toBeLessThan(2_500)
    }
    const keys = await call(`${base}/jwks`)
    expect([keys.status, keys.headers.get('etag')]).toEqual([200, etag])
    expect((await call(`${plane.url}/health/live`)).status).toBe(200)
    expect((await call(`${plane.url}/health/ready`)).status).toBe(503)
  } finally {
    await plane.close()
  }
})
