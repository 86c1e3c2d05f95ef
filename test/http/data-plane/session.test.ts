import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  changeTestSettings,
  createTestProject,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  TEST_PUBLIC_URL,
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
const refresh = (token: string, at = base) => call(`${at}/refresh`, { body: { refresh_token: token } })
const logIn = async (email: string, at = base) =>
  (await call(`${at}/login`, { body: { email, password: PASSWORD } })).body as { access_token: string; refresh_token: string }
const withSettings = async (settings: Record<string, unknown>) => plane.url + (await createTestProject(database, { settings })).path

describe('sessions', () => {
  test('are listed with the current one marked, and end one by one', async () => {
    const { email, accessToken } = await signUp(base)
    const phone = (
      await call(`${base}/login`, {
        body: { email, password: PASSWORD },
        headers: { 'user-agent': `Phone/${'1'.repeat(600)}` },
        ip: '198.51.100.7',
      })
    ).body
    const list = await call(`${base}/sessions`, { token: accessToken })
    expect(list.body.data).toHaveLength(2)
    const [other, mine] = [false, true].map((current) =>
      list.body.data.find((session: { current: boolean }) => session.current === current),
    )
    expect(Object.keys(mine).toSorted()).toEqual(['amr', 'created_at', 'current', 'id', 'ip', 'last_used_at', 'user_agent'])
    expect(other).toMatchObject({ ip: '198.51.100.7', amr: ['pwd'] })
    expect(other.user_agent).toHaveLength(512)
    expect((await call(`${base}/sessions/${other.id}`, { method: 'DELETE', token: accessToken })).body).toEqual({ ok: true })
    expect(code(await call(`${base}/user`, { token: phone.access_token }))).toBe('session_ended')
    expect(code(await call(`${base}/sessions/${other.id}`, { method: 'DELETE', token: accessToken }))).toBe('not_found')
    expect(code(await call(`${base}/sessions/nonsense`, { method: 'DELETE', token: accessToken }))).toBe('not_found')
    expect((await call(`${base}/sessions`, { token: accessToken })).body.data).toHaveLength(1)
  })

  test('of another user cannot be ended', async () => {
    const victim = await signUp(base)
    const { accessToken } = await signUp(base)
    const { body } = await call(`${base}/sessions`, { token: victim.accessToken })
    expect(code(await call(`${base}/sessions/${body.data[0].id}`, { method: 'DELETE', token: accessToken }))).toBe('not_found')
    expect((await call(`${base}/user`, { token: victim.accessToken })).status).toBe(200)
  })

  test('all end at once, and the owner is told', async () => {
    const { email, userId, accessToken, refreshToken } = await signUp(base)
    await logIn(email)
    const ended = await call(`${base}/sessions`, { method: 'DELETE', token: accessToken, headers: { 'content-type': 'application/json' } })
    expect(ended.body).toEqual({ ok: true, sessions_ended: 2 })
    expect(code(await refresh(refreshToken))).toBe('session_ended')
    const { rows } = await admin.query(
      `select payload from auth.outbox where project_id = $1 and kind = 'security_notice' and payload->>'end_user_id' = $2`,
      [project.id, userId],
    )
    expect(rows).toHaveLength(1)
  })

  test('over the limit the oldest ends, or the login is refused', async () => {
    const oldest = await withSettings({ max_active_sessions: 2 })
    const { email, accessToken } = await signUp(oldest)
    plane.clock.advanceSeconds(1)
    const second = await logIn(email, oldest)
    await logIn(email, oldest)
    expect(code(await call(`${oldest}/user`, { token: accessToken }))).toBe('session_ended')
    expect((await call(`${oldest}/user`, { token: second.access_token })).status).toBe(200)
    const refusing = await withSettings({ max_active_sessions: 1, session_limit_policy: 'refuse' })
    const only = await signUp(refusing)
    const refused = await call(`${refusing}/login`, { body: { email: only.email, password: PASSWORD } })
    expect([refused.status, code(refused)]).toEqual([403, 'session_limit_reached'])
    await call(`${refusing}/logout`, { method: 'POST', token: only.accessToken })
    expect((await call(`${refusing}/login`, { body: { email: only.email, password: PASSWORD } })).status).toBe(200)
  })

  test('note their use at most once a minute', async () => {
    const { accessToken, userId } = await signUp(base)
    const used = async () =>
      (
        await admin.query<{ last_used_at: Date }>('select last_used_at from auth.session where project_id = $1 and end_user_id = $2', [
          project.id,
          userId,
        ])
      ).rows[0]!.last_used_at.getTime()
    const start = await used()
    plane.clock.advanceSeconds(50)
    await call(`${base}/user`, { token: accessToken })
    expect(await used()).toBe(start)
    plane.clock.advanceSeconds(20)
    await call(`${base}/user`, { token: accessToken })
    expect(await used()).toBeGreaterThanOrEqual(start + 69_000)
  })
})

describe('logout', () => {
  test.each(['local', 'others', 'global'])('scope %s ends what it says', async (scope) => {
    const { email, accessToken } = await signUp(base)
    const other = await logIn(email)
    expect((await call(`${base}/logout?scope=${scope}`, { method: 'POST', token: accessToken })).body).toEqual({ ok: true })
    const alive = [
      (await call(`${base}/user`, { token: accessToken })).status,
      (await call(`${base}/user`, { token: other.access_token })).status,
    ]
    expect(alive).toEqual({ local: [401, 200], others: [200, 401], global: [401, 401] }[scope])
  })

  test('works with the refresh token alone, and twice', async () => {
    const { accessToken, refreshToken } = await signUp(base)
    for (let i = 0; i < 2; i += 1) expect((await call(`${base}/logout`, { body: { refresh_token: refreshToken } })).status).toBe(200)
    expect((await call(`${base}/logout`, { method: 'POST', token: accessToken })).status).toBe(200)
    expect(code(await call(`${base}/logout`, { method: 'POST', body: { scope: 'global' }, token: accessToken }))).toBe('session_ended')
    expect(code(await call(`${base}/logout`, { method: 'POST' }))).toBe('unauthenticated')
    expect(code(await call(`${base}/logout`, { body: { refresh_token: 'x'.repeat(43) } }))).toBe('invalid_token')
    expect(code(await call(`${base}/logout`, { body: { scope: 'everything' }, token: accessToken }))).toBe('validation_error')
  })
})

describe('logout with what is left', () => {
  const live = async (at: string, token: string) => (await call(`${at}/user`, { token })).status === 200
  const DAY = 86_400

  test.each(['local', 'others', 'global'])('an expired access token and a good refresh token: scope %s', async (scope) => {
    const { email, accessToken, refreshToken } = await signUp(base)
    const other = await logIn(email)
    plane.clock.advanceSeconds(3_601)
    expect((await call(`${base}/logout`, { token: accessToken, body: { scope } })).status).toBe(401)
    expect((await call(`${base}/logout`, { token: accessToken, body: { scope, refresh_token: refreshToken } })).body).toEqual({ ok: true })
    const left = await Promise.all([refreshToken, other.refresh_token].map(async (token) => (await refresh(token)).status))
    expect(left).toEqual({ local: [401, 200], others: [200, 401], global: [401, 401] }[scope])
  })

  test('a token in the body is an access token (published clients)', async () => {
    const { accessToken } = await signUp(base)
    expect((await call(`${base}/logout`, { body: { token: accessToken } })).body).toEqual({ ok: true })
    expect(await live(base, accessToken)).toBe(false)
    expect(code(await call(`${base}/logout`, { body: { token: 'nonsense' } }))).toBe('invalid_token')
  })

  // Each is a credential that opens nothing any more; it must not end the sessions of others.
  const dead: Record<string, (session: Awaited<ReturnType<typeof signUp>>) => Promise<{ token?: string; body: Record<string, unknown> }>> =
    {
      'a consumed refresh token': async ({ refreshToken }) => {
        const child = (await refresh(refreshToken)).body.refresh_token as string
        await refresh(child)
        return { body: { refresh_token: refreshToken } }
      },
      'a parent in the hands of another client, after the grace time': async ({ refreshToken }) => {
        await call(`${base}/refresh`, { body: { refresh_token: refreshToken }, headers: { 'user-agent': 'Phone' } })
        plane.clock.advanceSeconds(31)
        return { body: { refresh_token: refreshToken } }
      },
      'the refresh token of an idle session': async ({ refreshToken }) => {
        plane.clock.advanceSeconds(30 * DAY + 1)
        return { body: { refresh_token: refreshToken } }
      },
      'the access token of an ended session': async ({ accessToken }) => {
        await call(`${base}/logout`, { method: 'POST', token: accessToken })
        return { token: accessToken, body: {} }
      },
      'the refresh token of an ended session': async ({ accessToken, refreshToken }) => {
        await call(`${base}/logout`, { method: 'POST', token: accessToken })
        return { body: { refresh_token: refreshToken } }
      },
    }
  describe.each(['global', 'others'])('scope %s', (scope) => {
    test.each(Object.entries(dead))('ends nothing for %s', async (_name, die) => {
      const session = await signUp(base)
      const { token, body } = await die(session)
      const other = await logIn(session.email)
      const answer = await call(`${base}/logout`, { ...(token && { token }), body: { ...body, scope } })
      expect([answer.status, code(answer)]).toEqual([401, 'session_ended'])
      expect(await live(base, other.access_token)).toBe(true)
      const { rows } = await admin.query(
        `select id from auth.audit_event where project_id = $1 and actor_id = $2 and action = 'session.ended' and metadata->>'scope' = $3`,
        [project.id, session.userId, scope],
      )
      expect(rows).toEqual([])
    })

    test('ends nothing for a disabled user', async () => {
      const { accessToken, refreshToken, userId } = await signUp(base)
      await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, userId])
      for (const proof of [{ token: accessToken }, { body: { refresh_token: refreshToken } }]) {
        expect(code(await call(`${base}/logout?scope=${scope}`, { method: 'POST', ...proof }))).toBe('session_ended')
      }
      const { rows } = await admin.query('select ended_at from auth.session where project_id = $1 and end_user_id = $2', [
        project.id,
        userId,
      ])
      expect(rows).toEqual([{ ended_at: null }])
    })

    test('a parent whose child was never used still opens its session', async () => {
      const { email, refreshToken } = await signUp(base)
      const other = await logIn(email)
      await refresh(refreshToken)
      plane.clock.advanceSeconds(60)
      expect((await call(`${base}/logout`, { body: { refresh_token: refreshToken, scope } })).status).toBe(200)
      expect(await live(base, other.access_token)).toBe(false)
    })
  })
})

describe('cookie mode', () => {
  const cookieOf = (answer: { headers: Headers }) => answer.headers.getSetCookie()[0] ?? ''
  const pair = (cookie: string) => cookie.split(';')[0]!

  test('keeps the refresh token out of the body and away from scripts', async () => {
    const own = await createTestProject(database, { settings: { refresh_token_transport: 'cookie' } })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(cookieOf(answer)).toMatch(
      new RegExp(`^__Secure-portico-refresh=[\\w-]{70}; Path=${own.path}; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$`),
    )
    const headers = { cookie: pair(cookieOf(answer)), origin: TEST_PUBLIC_URL }
    const next = await call(`${at}/refresh`, { method: 'POST', headers })
    expect(next.status).toBe(200)
    expect(next.body).not.toHaveProperty('refresh_token')
    const out = await call(`${at}/logout`, { method: 'POST', headers: { ...headers, cookie: pair(cookieOf(next)) } })
    expect(out.status).toBe(200)
    expect(cookieOf(out)).toContain('Max-Age=0')
    expect(code(await call(`${at}/refresh`, { method: 'POST', headers }))).toBe('session_ended')
  })

  test('a cookie counts only from an allowed origin', async () => {
    const own = await createTestProject(database, {
      settings: { refresh_token_transport: 'cookie', allowed_origins: ['https://app.example'] },
    })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    expect(cookieOf(answer)).toContain('SameSite=None')
    const cookie = pair(cookieOf(answer))
    const attempt = (headers: Record<string, string>) => call(`${at}/refresh`, { method: 'POST', headers: { cookie, ...headers } })
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://app.example.evil.example' },
    ]) {
      const refused = await attempt(headers as Record<string, string>)
      expect([refused.status, code(refused)]).toEqual([403, 'origin_not_allowed'])
    }
    const good = await attempt({ origin: 'https://app.example' })
    expect(good.status).toBe(200)
    expect(good.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(good.headers.get('access-control-allow-credentials')).toBe('true')
    expect((await call(`${at}/logout`, { method: 'POST', headers: { cookie, origin: 'https://evil.example' } })).status).toBe(403)
  })

  test('at the root of a custom domain the cookie belongs to that host alone', async () => {
    await createTestProject(database, { hostname: 'login.shop.example', settings: { refresh_token_transport: 'cookie' } })
    const { request } = await import('node:http')
    const answer = await new Promise<{ status: number; cookie: string }>((done, fail) => {
      const body = JSON.stringify({ email: 'host@example.com', password: PASSWORD })
      const req = request(
        `${plane.url}/signup`,
        { method: 'POST', headers: { host: 'login.shop.example', 'content-type': 'application/json' } },
        (res) => {
          res.resume()
          res.on('end', () => done({ status: res.statusCode ?? 0, cookie: res.headers['set-cookie']?.[0] ?? '' }))
        },
      )
      req.on('error', fail)
      req.end(body)
    })
    expect(answer.status).toBe(201)
    expect(answer.cookie).toMatch(/^__Host-portico-refresh=[\w-]{70}; Path=\/; /)
  })

  test('is read no more once the project goes back to the body', async () => {
    const own = await createTestProject(database, { settings: { refresh_token_transport: 'cookie' } })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    await changeTestSettings(database, own, {})
    await expect.poll(async () => (await call(`${at}/settings`)).body.refresh_token_transport).toBe('body')
    expect(
      code(await call(`${at}/refresh`, { method: 'POST', headers: { cookie: pair(cookieOf(answer)), origin: TEST_PUBLIC_URL } })),
    ).toBe('invalid_token')
  })
})
