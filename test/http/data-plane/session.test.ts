import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call, changeTestSettings, createTestProject, openAdmin, PASSWORD, signUp, startDataPlane, TEST_PUBLIC_URL, type RunningDataPlane, type TestProject,
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
const logIn = async (email: string, at = base) => (await call(`${at}/login`, { body: { email, password: PASSWORD } })).body as { access_token: string; refresh_token: string }
const withSettings = async (settings: Record<string, unknown>) => plane.url + (await createTestProject(database, { settings })).path

describe('refresh', () => {
  test('trades a token for its child; the parent within the grace time gives the same child', async () => {
    const { refreshToken, userId } = await signUp(base)
    const first = await refresh(refreshToken)
    expect(first.status).toBe(200)
    expect(first.body).toMatchObject({ user_id: userId, token_type: 'Bearer' })
    expect(first.body.refresh_token).not.toBe(refreshToken)
    const replay = await refresh(refreshToken)
    expect(replay.body.refresh_token).toBe(first.body.refresh_token)
    expect((await call(`${base}/verify`, { body: { token: replay.body.access_token } })).status).toBe(200)
    expect((await refresh(first.body.refresh_token)).status).toBe(200)
  })

  test('a parent after the grace time ends the family and is audited', async () => {
    const { refreshToken, userId, accessToken } = await signUp(base)
    const child = await refresh(refreshToken)
    plane.clock.advanceSeconds(31)
    const reused = await refresh(refreshToken)
    expect([reused.status, code(reused)]).toEqual([401, 'session_ended'])
    expect(code(await refresh(child.body.refresh_token))).toBe('session_ended')
    expect((await call(`${base}/verify`, { body: { token: accessToken } })).status).toBe(401)
    const { rows } = await admin.query(`select count(*)::int as n from auth.audit_event where project_id = $1 and action = 'session.reuse_detected' and actor_id = $2`, [project.id, userId])
    expect(rows[0]).toEqual({ n: 1 })
  })

  test('a grandparent ends the family even within the grace time', async () => {
    const { refreshToken } = await signUp(base)
    const child = await refresh(refreshToken)
    const grandchild = await refresh(child.body.refresh_token)
    expect(code(await refresh(refreshToken))).toBe('session_ended')
    expect(code(await refresh(grandchild.body.refresh_token))).toBe('session_ended')
  })

  test('without grace the first replay is reuse', async () => {
    const at = await withSettings({ refresh_grace_seconds: 0 })
    const { refreshToken } = await signUp(at)
    const child = await refresh(refreshToken, at)
    expect(code(await refresh(refreshToken, at))).toBe('session_ended')
    expect(code(await refresh(child.body.refresh_token, at))).toBe('session_ended')
  })

  test('keeps the login time and tells unknown tokens from ended sessions', async () => {
    const { refreshToken, accessToken } = await signUp(base)
    const authTime = (token: string) => (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { auth_time: number }).auth_time
    plane.clock.advanceSeconds(120)
    const next = await refresh(refreshToken)
    expect(authTime(next.body.access_token)).toBe(authTime(accessToken))
    for (const bad of ['x', 'x'.repeat(43), accessToken.slice(0, 43)]) expect(code(await refresh(bad))).toBe('invalid_token')
    expect(code(await call(`${base}/refresh`, { method: 'POST' }))).toBe('invalid_token')
  })

  test('sessions end when idle too long and at their absolute end', async () => {
    const at = await withSettings({ session_idle_seconds: 600, session_absolute_seconds: 1_000 })
    const idle = await signUp(at)
    plane.clock.advanceSeconds(601)
    expect(code(await refresh(idle.refreshToken, at))).toBe('session_ended')
    let { refreshToken } = await signUp(at)
    for (let i = 0; i < 2; i += 1) {
      plane.clock.advanceSeconds(400)
      const next = await refresh(refreshToken, at)
      expect(next.status).toBe(200)
      refreshToken = next.body.refresh_token
    }
    plane.clock.advanceSeconds(201)
    expect(code(await refresh(refreshToken, at))).toBe('session_ended')
  })

  test('a child sealed before a rotation of the master key is still given to its parent', async () => {
    // The other process has the test's key as its previous one; only the sealed child matters here.
    const { refreshToken } = await signUp(base)
    const first = await refresh(refreshToken)
    const { rows } = await admin.query<{ child_sealed: Buffer }>('select child_sealed from auth.refresh_token where project_id = $1 and child_sealed is not null', [project.id])
    const { ChildBox } = await import('@portico/crypto/child-box')
    const { SealedBox } = await import('@portico/crypto/sealed-box')
    const { testMasterKey } = await import('../../support/postgres.js')
    const rotated = new ChildBox(new SealedBox({ current: Buffer.alloc(32, 7), previous: testMasterKey() }))
    const opened = rows.flatMap((row) => {
      try {
        return [rotated.open(row.child_sealed, refreshToken, project.id)]
      } catch {
        return []
      }
    })
    expect(opened).toEqual([first.body.refresh_token])
  })
})

describe('sessions', () => {
  test('are listed with the current one marked, and end one by one', async () => {
    const { email, accessToken } = await signUp(base)
    const phone = (await call(`${base}/login`, { body: { email, password: PASSWORD }, headers: { 'user-agent': `Phone/${'1'.repeat(600)}` }, ip: '198.51.100.7' })).body
    const list = await call(`${base}/sessions`, { token: accessToken })
    expect(list.body.data).toHaveLength(2)
    const [other, mine] = [false, true].map((current) => list.body.data.find((session: { current: boolean }) => session.current === current))
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
    const { rows } = await admin.query(`select payload from auth.outbox where project_id = $1 and kind = 'security_notice' and payload->>'end_user_id' = $2`, [project.id, userId])
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
    const used = async () => (await admin.query<{ last_used_at: Date }>('select last_used_at from auth.session where project_id = $1 and end_user_id = $2', [project.id, userId])).rows[0]!.last_used_at.getTime()
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
    const alive = [(await call(`${base}/user`, { token: accessToken })).status, (await call(`${base}/user`, { token: other.access_token })).status]
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

describe('cookie mode', () => {
  const cookieOf = (answer: { headers: Headers }) => answer.headers.getSetCookie()[0] ?? ''
  const pair = (cookie: string) => cookie.split(';')[0]!

  test('keeps the refresh token out of the body and away from scripts', async () => {
    const own = await createTestProject(database, { settings: { refresh_token_transport: 'cookie' } })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(cookieOf(answer)).toMatch(new RegExp(`^__Secure-portico-refresh=[\\w-]{43}; Path=${own.path}; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$`))
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
    const own = await createTestProject(database, { settings: { refresh_token_transport: 'cookie', allowed_origins: ['https://app.example'] } })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    expect(cookieOf(answer)).toContain('SameSite=None')
    const cookie = pair(cookieOf(answer))
    const attempt = (headers: Record<string, string>) => call(`${at}/refresh`, { method: 'POST', headers: { cookie, ...headers } })
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://app.example.evil.example' }]) {
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
      const req = request(`${plane.url}/signup`, { method: 'POST', headers: { host: 'login.shop.example', 'content-type': 'application/json' } }, (res) => {
        res.resume()
        res.on('end', () => done({ status: res.statusCode ?? 0, cookie: res.headers['set-cookie']?.[0] ?? '' }))
      })
      req.on('error', fail)
      req.end(body)
    })
    expect(answer.status).toBe(201)
    expect(answer.cookie).toMatch(/^__Host-portico-refresh=[\w-]{43}; Path=\/; /)
  })

  test('is read no more once the project goes back to the body', async () => {
    const own = await createTestProject(database, { settings: { refresh_token_transport: 'cookie' } })
    const at = plane.url + own.path
    const { answer } = await signUp(at)
    await changeTestSettings(database, own, {})
    await expect.poll(async () => (await call(`${at}/settings`)).body.refresh_token_transport).toBe('body')
    expect(code(await call(`${at}/refresh`, { method: 'POST', headers: { cookie: pair(cookieOf(answer)), origin: TEST_PUBLIC_URL } }))).toBe('invalid_token')
  })
})
