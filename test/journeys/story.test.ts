import { readFileSync } from 'node:fs'
import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { linkIn, startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'

const API_KEY = `msk_test_${'j'.repeat(43)}`
const PASSWORD = 'correct horse battery staple'

interface Product {
  control: AppProcess
  data: AppProcess
  worker: AppProcess
  resend: FakeResend | null
  database: TestDatabase
}

async function startProduct(options: { redis: boolean; mail: boolean }): Promise<Product> {
  const database = await createTestDatabase()
  const resend = options.mail ? await startFakeResend() : null
  const dataPort = await freePort()
  const { redisUrl, masterKey } = inject('servers')
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    PORTICO_MASTER_KEY: masterKey,
    PORTICO_BOOTSTRAP_API_KEY: API_KEY,
    DATA_PLANE_PUBLIC_URL: `http://127.0.0.1:${dataPort}`,
    ...(options.redis && redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...(resend ? { RESEND_API_KEY: 're_fake_key', RESEND_FROM_APP_AUTH: 'Portico <auth@example.com>', RESEND_BASE_URL: resend.url } : {}),
  }
  const [control, data, worker] = await Promise.all([
    startApp('control-plane', { env }),
    startApp('data-plane', { env, port: dataPort }),
    startApp('worker', { env }),
  ])
  return { control, data, worker, resend, database }
}

async function stopProduct(product: Product): Promise<(number | null)[]> {
  const codes = await Promise.all([product.control, product.data, product.worker].map((app) => app.stop()))
  await product.resend?.close()
  await product.database.drop()
  return codes
}

interface Answer {
  status: number
  // The journey reads answers the way an application would: as JSON it knows the shape of.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: Record<string, any>
  headers: Headers
}

async function send(method: string, url: string, body?: unknown, bearer?: string): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'], headers: response.headers }
}

describe.each([
  { leg: 'on PostgreSQL alone', redis: false },
  { leg: 'with Redis', redis: true },
])('the story, $leg', ({ redis }) => {
  let product: Product
  let api: (method: string, path: string, body?: unknown) => Promise<Answer>
  let projectId: string
  let authUrl: string
  let secret: string

  beforeAll(async () => {
    if (redis && inject('servers').redisUrl === null) return
    product = await startProduct({ redis, mail: true })
    api = (method, path, body) => send(method, `${product.control.url}/api/v1${path}`, body, API_KEY)
  }, 60_000)

  afterAll(async () => {
    if (product) expect(await stopProduct(product)).toEqual([0, 0, 0])
  }, 60_000)

  test.skipIf(redis && inject('servers').redisUrl === null)('from project to password reset, across three processes', { timeout: 60_000 }, async () => {
    const project = await api('POST', '/projects', { name: 'Todo' })
    expect(project.status).toBe(201)
    projectId = project.body.data.id
    expect(projectId).toMatch(/^proj_[0-9a-f-]{36}$/)

    // Before the enable: 404 and no auth variables.
    const base = `${product.data.url}/${projectId}`
    expect((await send('POST', `${base}/signup`, { email: 'ada@example.com', password: PASSWORD })).body.error.code).toBe(
      'auth_not_enabled',
    )
    const early = await api('POST', `/projects/${projectId}/instances`, {})
    expect(early.status).toBe(201)
    expect(early.body.data.env).toEqual({})

    const enabled = await api('POST', `/projects/${projectId}/auth`, { allow_signups: true, providers: ['email'] })
    expect(enabled.status).toBe(201)
    authUrl = enabled.body.data.auth_url
    expect(authUrl).toBe(base)
    expect(JSON.stringify(enabled.body)).not.toMatch(/[0-9a-f]{64}/)

    // The boot before the enable is neither changed nor restarted; the list shows that it is behind.
    const boot = await api('POST', `/projects/${projectId}/instances`, {})
    secret = boot.body.data.env.AUTH_JWT_SECRET
    expect(boot.body.data.env.AUTH_URL).toBe(authUrl)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const instances = (await api('GET', `/projects/${projectId}/instances`)).body.data as { id: string; env_version: number }[]
    const version = (id: string) => instances.find((instance) => instance.id === id)!.env_version
    expect(version(early.body.data.id)).toBeLessThan(version(boot.body.data.id))

    // The application's own code.
    const signup = await send('POST', `${authUrl}/signup`, { email: 'Ada@Example.com', password: PASSWORD, metadata: { plan: 'free' } })
    expect(signup.status).toBe(201)
    expect(signup.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      user: { email: 'ada@example.com', email_verified: false, metadata: { plan: 'free' } },
    })
    expect(signup.body.token).toBe(signup.body.access_token)
    const claims = jwt.verify(signup.body.access_token, secret) as jwt.JwtPayload
    expect(claims.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(claims).toMatchObject({ iss: authUrl, sub: signup.body.user_id, email: 'ada@example.com' })
    expect((await send('POST', `${authUrl}/signup`, { email: 'ada@example.com', password: PASSWORD })).body.error.code).toBe('email_taken')

    // The confirmation mail: its link opens a page, a person's POST spends it.
    const confirmMail = await product.resend!.waitForMail((mail) => mail.subject.toLowerCase().includes('confirm'), 10_000)
    const confirmLink = linkIn(confirmMail)
    expect((await fetch(confirmLink)).status).toBe(200)
    const confirmed = await send(
      'POST',
      `${authUrl}/email/confirm`,
      { token: confirmLink.searchParams.get('token') },
      signup.body.access_token,
    )
    expect(confirmed.body).toMatchObject({ ok: true, user: { email_verified: true } })
    // A second press within two minutes is the first one again, and grants nothing.
    const pressedAgain = await send('POST', `${authUrl}/email/confirm`, { token: confirmLink.searchParams.get('token') })
    expect(pressedAgain).toMatchObject({ status: 200, body: { ok: true, user: { email_verified: true } } })

    const login = await send('POST', `${authUrl}/login`, { email: ' ADA@example.com', password: PASSWORD })
    expect(login.status).toBe(200)
    expect((await send('POST', `${authUrl}/login`, { email: 'ada@example.com', password: 'wrong password' })).body.error.code).toBe(
      'invalid_credentials',
    )
    expect((await send('POST', `${authUrl}/verify`, { token: login.body.access_token })).body).toMatchObject({
      valid: true,
      user_id: claims.sub,
    })
    expect((await send('GET', `${authUrl}/user`, undefined, login.body.access_token)).body.user).toMatchObject({
      email: 'ada@example.com',
      email_verified: true,
    })
    expect((await send('GET', `${authUrl}/me`, undefined, login.body.access_token)).body.user_id).toBe(claims.sub)

    const refreshed = await send('POST', `${authUrl}/refresh`, { refresh_token: login.body.refresh_token })
    expect(refreshed.status).toBe(200)
    expect(refreshed.body.refresh_token).not.toBe(login.body.refresh_token)

    // Reset: the same answer for every address, a mail for the one who exists, and the end of every session.
    const known = await send('POST', `${authUrl}/password-reset`, { email: 'ada@example.com' })
    const unknown = await send('POST', `${authUrl}/password-reset`, { email: 'nobody@example.com' })
    expect([known.status, known.body]).toEqual([200, { ok: true, delivery: 'queued' }])
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body])
    const resetMail = await product.resend!.waitForMail((mail) => mail.subject.toLowerCase().includes('reset'), 10_000)
    const resetToken = linkIn(resetMail).searchParams.get('token')
    expect(
      (await send('POST', `${authUrl}/password-reset/confirm`, { token: resetToken, password: 'another long password' })).body,
    ).toEqual({ ok: true })
    for (const token of [signup.body.access_token, login.body.access_token, refreshed.body.access_token]) {
      expect((await send('POST', `${authUrl}/verify`, { token })).body.error.code).toBe('invalid_token')
    }
    expect((await send('POST', `${authUrl}/refresh`, { refresh_token: refreshed.body.refresh_token })).status).toBe(401)
    expect((await send('POST', `${authUrl}/login`, { email: 'ada@example.com', password: PASSWORD })).status).toBe(401)
    const again = await send('POST', `${authUrl}/login`, { email: 'ada@example.com', password: 'another long password' })
    expect(again.status).toBe(200)

    expect((await send('POST', `${authUrl}/logout`, {}, again.body.access_token)).body).toMatchObject({ ok: true })
    expect((await send('GET', `${authUrl}/user`, undefined, again.body.access_token)).status).toBe(401)

    // Every mail went out once, to the right person, and no other address got one.
    await product.resend!.waitForMail((mail) => /password (was|has been) changed/i.test(mail.subject), 10_000)
    expect(product.resend!.mails.every((mail) => [mail.to].flat().join().toLowerCase() === 'ada@example.com')).toBe(true)

    // Bring your own auth: a mixed pair is refused, a whole pair wins.
    const path = `/projects/${projectId}/runtime-env`
    expect((await api('PUT', `${path}/AUTH_URL`, { value: 'https://auth.example' })).body.error.code).toBe('mixed_auth_pair')
    expect((await api('PUT', path, { variables: { AUTH_URL: 'https://auth.example', AUTH_JWT_SECRET: 'own-secret' } })).status).toBe(200)
    expect((await api('GET', path)).body.data.env).toEqual({ AUTH_URL: 'https://auth.example', AUTH_JWT_SECRET: 'own-secret' })
    expect((await api('PUT', path, { variables: { AUTH_URL: null, AUTH_JWT_SECRET: null } })).status).toBe(200)
    expect((await api('GET', path)).body.data.env).toMatchObject({ AUTH_URL: authUrl, AUTH_JWT_SECRET: secret })

    // Disable: the data plane refuses and the next boot gets neither; enabling again finds users and secret unchanged.
    expect((await api('DELETE', `/projects/${projectId}/auth`)).status).toBe(200)
    await expect
      .poll(
        async () =>
          (await send('POST', `${authUrl}/login`, { email: 'ada@example.com', password: 'another long password' })).body.error?.code,
      )
      .toBe('auth_disabled')
    const dark = (await api('POST', `/projects/${projectId}/instances`, {})).body.data.env
    expect(dark).not.toHaveProperty('AUTH_URL')
    expect(dark).not.toHaveProperty('AUTH_JWT_SECRET')
    expect((await api('POST', `/projects/${projectId}/auth`, {})).status).toBe(200)
    await expect
      .poll(async () => (await send('POST', `${authUrl}/login`, { email: 'ada@example.com', password: 'another long password' })).status)
      .toBe(200)
    expect((await api('POST', `/projects/${projectId}/instances`, {})).body.data.env.AUTH_JWT_SECRET).toBe(secret)
  })

  test.skipIf(redis && inject('servers').redisUrl === null)('two projects, one address: nothing of one works in the other', { timeout: 30_000 }, async () => {
    const other = (await api('POST', '/projects', { name: 'Other' })).body.data.id as string
    const otherUrl = (await api('POST', `/projects/${other}/auth`, { allow_signups: true, providers: ['email'] })).body.data
      .auth_url as string
    const here = await send('POST', `${authUrl}/signup`, { email: 'same@example.com', password: 'password of the first' })
    const there = await send('POST', `${otherUrl}/signup`, { email: 'same@example.com', password: 'password of the second' })
    expect([here.status, there.status]).toEqual([201, 201])
    expect(here.body.user_id).not.toBe(there.body.user_id)
    expect((await send('POST', `${otherUrl}/login`, { email: 'same@example.com', password: 'password of the first' })).status).toBe(401)
    expect((await send('POST', `${otherUrl}/verify`, { token: here.body.access_token })).status).toBe(401)
    expect((await send('GET', `${otherUrl}/user`, undefined, here.body.access_token)).status).toBe(401)
    expect((await send('POST', `${otherUrl}/refresh`, { refresh_token: here.body.refresh_token })).status).toBe(401)
    const otherSecret = (await api('GET', `/projects/${other}/runtime-env`)).body.data.env.AUTH_JWT_SECRET as string
    expect(() => jwt.verify(here.body.access_token, otherSecret)).toThrow('invalid signature')
  })

  test.skipIf(redis && inject('servers').redisUrl === null)('no log line holds an address, a token, a password or a secret', () => {
    const lines = [product.control, product.data, product.worker].flatMap((app) => app.logs).join('\n')
    expect(lines).toContain('request_id')
    for (const forbidden of ['example.com', PASSWORD, 'another long password', secret, API_KEY, 'eyJ'])
      expect(lines).not.toContain(forbidden)
  })
})

test('the journey is the one the README tells', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const step of ['npm start', '/signup', 'AUTH_JWT_SECRET', 'password-reset']) expect(readme).toContain(step)
})
