import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call, changeTestSettings, createTestProject, PASSWORD, signUp, startDataPlane, TEST_PUBLIC_URL, type RunningDataPlane, type TestProject,
} from '../../support/data-plane.js'
import { withAdmin } from '../../support/admin-client.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { noteChange } from '../../support/sql.js'

let database: TestDatabase
let plane: RunningDataPlane
let second: RunningDataPlane
let project: TestProject
let other: TestProject

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  second = await startDataPlane(database)
  project = await createTestProject(database, { externalId: 'shop/42', resourceType: 'sandbox', hostname: 'login.shop.example' })
  other = await createTestProject(database, { hostname: 'login.other.example' })
})

afterAll(async () => {
  await Promise.all([plane?.close(), second?.close()])
  await database?.drop()
})

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code

/** A request exactly as written: `fetch` would tidy the path and refuse a Host header. */
function raw(
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: unknown,
): Promise<{ status: number; code: string | undefined; body: Record<string, unknown> | null; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(plane.url)
  return new Promise((done, fail) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const req = httpRequest(
      { hostname, port, path: target, method, headers: { ...(text && { 'content-type': 'application/json' }), ...headers } },
      (res) => {
        let received = ''
        res.on('data', (chunk: Buffer) => (received += chunk.toString()))
        res.on('end', () => {
          let parsed: Record<string, unknown> | null = null
          try {
            parsed = JSON.parse(received) as Record<string, unknown>
          } catch {
            /* a page */
          }
          done({
            status: res.statusCode ?? 0,
            code: (parsed?.['error'] as { code?: string } | undefined)?.code,
            body: parsed,
            headers: res.headers,
          })
        })
      },
    )
    req.on('error', fail)
    req.end(text)
  })
}

/** Every byte as written; the answer whole. */
function rawText(text: string): Promise<string> {
  const { hostname, port } = new URL(plane.url)
  return new Promise((done, fail) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.on('error', fail)
    socket.on('close', () => done(received))
  })
}

describe('the forms of AUTH_URL', () => {
  test('all lead to the same project, and a token of one works in all', async () => {
    const { accessToken } = await signUp(plane.url + project.path)
    const bases = [
      project.path,
      `/${project.id}`,
      `/proj_${project.id.toUpperCase()}`,
      `/app-auth/project/${project.id}`,
      `/app-auth/sandbox/proj_${project.id}`,
      `/app-auth/deployment/${project.id}`,
      `${project.path}/app-auth/project/${project.id}`,
      `${project.path}/app-auth/sandbox/shop%2F42`,
    ]
    for (const base of bases) expect([base, (await raw(`${base}/user`, { authorization: `Bearer ${accessToken}` })).status]).toEqual([base, 200])
    for (const host of ['login.shop.example', 'LOGIN.shop.example:443', 'login.shop.example.', 'Login.Shop.Example.:443', 'login.shop.example:8443', 'login.shop.example:']) expect((await raw('/user', { host, authorization: `Bearer ${accessToken}` })).status).toBe(200)
    expect((await raw('/user?x=/y', { host: 'login.shop.example', authorization: `Bearer ${accessToken}` })).status).toBe(200)
  })

  test('name their issuer canonically, whatever the form and the Host header', async () => {
    const signed = await raw('/signup', { host: 'login.shop.example' }, 'POST', { email: 'iss@example.com', password: PASSWORD })
    const claims = JSON.parse(Buffer.from(String(signed.body!['access_token']).split('.')[1]!, 'base64url').toString()) as { iss: string }
    expect(claims.iss).toBe(TEST_PUBLIC_URL + project.path)
  })

  test('name the main domain where the project asks for it, and tokens of before and after are both good', async () => {
    const own = await createTestProject(database, { hostname: 'auth.issuer.example' })
    const iss = (token: string) => (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iss: string }).iss
    const before = await signUp(plane.url + own.path)
    expect(iss(before.accessToken)).toBe(TEST_PUBLIC_URL + own.path)
    await changeTestSettings(database, own, { token_issuer: 'main_domain' })
    let after = before
    await expect.poll(async () => iss((after = await signUp(plane.url + own.path)).accessToken), { timeout: 3_000 }).toBe('https://auth.issuer.example')
    for (const { accessToken } of [before, after]) {
      expect((await raw('/user', { host: 'auth.issuer.example', authorization: `Bearer ${accessToken}` })).status).toBe(200)
      expect((await raw(`${own.path}/user`, { authorization: `Bearer ${accessToken}` })).status).toBe(200)
      expect((await raw('/user', { host: 'login.other.example', authorization: `Bearer ${accessToken}` })).status).toBe(401)
    }
    await changeTestSettings(database, own, {})
    const now = async () => iss((await signUp(plane.url + own.path)).accessToken)
    await expect.poll(now, { timeout: 3_000 }).toBe(TEST_PUBLIC_URL + own.path)
    expect((await raw('/user', { host: 'auth.issuer.example', authorization: `Bearer ${after.accessToken}` })).status).toBe(200)
  })

  test('a foreign, unknown or wrongly typed id inside a project is not found', async () => {
    for (const inner of [`project/${other.id}`, 'sandbox/shop%2F43', 'project/shop%2F42', `tenant/${project.id}`, 'sandbox/%E0%A4%A', `sandbox/${randomUUID()}`]) {
      const answer = await raw(`${project.path}/app-auth/${inner}/settings`)
      expect([inner, answer.status, answer.code]).toEqual([inner, 404, 'not_found'])
    }
    expect((await raw('/app-auth/sandbox/shop%2F42/settings')).code).toBe('not_found')
  })

  test('the domain of one project never serves another', async () => {
    expect((await raw('/settings', { host: 'login.other.example' })).body!['project_id']).toBe(`proj_${other.id}`)
    expect((await raw(`${project.path}/settings`, { host: 'login.other.example' })).code).toBe('not_found')
    expect((await raw(`/app-auth/project/${project.id}/settings`, { host: 'login.other.example' })).code).toBe('not_found')
    expect((await raw(`${project.path}/settings`, { host: 'login.shop.example' })).status).toBe(200)
    for (const host of [
      'unknown.example',
      'login.shop.example..',
      'login.shop.example:port',
      'login.shop.example:99999',
      '[::1]',
      '::1',
      'x.login.shop.example',
      '127.0.0.1',
      'localhost',
      'login.shop.example@evil',
      '',
    ]) {
      expect([host, (await raw('/settings', { host })).code]).toEqual([host, 'not_found'])
    }
  })

  // Which project a request is for is told by Host alone, in no spelling but a name and a port.
  test.each([
    ['X-Forwarded-Host names another', { host: 'login.shop.example', 'x-forwarded-host': 'login.other.example' }],
    ['Forwarded names another', { host: 'login.shop.example', forwarded: 'host=login.other.example' }],
    ['X-Original-Host names another', { host: 'login.shop.example', 'x-original-host': 'login.other.example' }],
    ['X-Host names another', { host: 'login.shop.example', 'x-host': 'login.other.example' }],
    ['Origin and Referer name another', { host: 'login.shop.example', origin: 'https://login.other.example', referer: 'https://login.other.example/' }],
  ])('%s: the project of Host answers', async (_what, headers) => {
    expect((await raw('/settings', headers)).body!['project_id']).toBe(`proj_${project.id}`)
  })

  test.each([
    'login.shop.example, login.other.example',
    'login.shop.example login.other.example',
    'login.shop.example#login.other.example',
    'login.shop.example?x',
    'login.shop.example/settings',
    'user@login.shop.example',
    'https://login.shop.example',
    'login.shop.example:0',
    'login.shop.example:-1',
    'login.shop.example:443:443',
    '.login.shop.example',
    'login..shop.example',
    'login.shop.example%00',
    'login.shop.exam\u0000ple',
    'login%2eshop.example',
    '*.shop.example',
    'shop.example',
    'xn--login.shop.example',
  ])('the Host %j is nobody’s', async (host) => {
    const answer = await rawText(`GET /settings HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).not.toContain('proj_')
  })

  test('two Host headers, or a whole URL as target, reach no other project', async () => {
    const two = await rawText('GET /settings HTTP/1.1\r\nHost: login.shop.example\r\nHost: login.other.example\r\nConnection: close\r\n\r\n')
    expect(two).not.toContain(other.id)
    const whole = await rawText('GET http://login.other.example/settings HTTP/1.1\r\nHost: login.shop.example\r\nConnection: close\r\n\r\n')
    expect(whole).not.toContain(other.id)
  })

  test('an unverified domain serves nothing', async () => {
    await withAdmin(database.url, (client) =>
      client.query(`insert into auth.domain (project_id, id, hostname, verification_token, created_at) values ($1, $2, 'claimed.example', 'x', now())`, [project.id, randomUUID()]))
    expect((await raw('/settings', { host: 'claimed.example' })).code).toBe('not_found')
  })

  test.each([
    ['/proj_%ID/%2Fuser'],
    ['//proj_%ID/user'],
    ['/proj_%ID//user'],
    ['/proj_%ID/user/'],
    ['/proj_%ID/User'],
    ['/PROJ_%ID/user'],
    ['/proj_%ID%2Fuser'],
    ['/proj_%ID/./user'],
    ['/x/../proj_%ID/user'],
    ['/proj_%ID/user%2f'],
    ['/proj_%ID/user;x=1'],
    ['/proj_%ID;x/user'],
    ['/proj_%ID\\user'],
    ['/auth/user'],
    ['/auth/proj_%ID/user'],
    ['/proj_%ID/auth/user'],
    ['/proj_%ID'],
    ['/proj_%ID?/user'],
    ['/proj_%ID/health/live'],
    ['/proj_%ID/metrics'],
    ['/app-auth/project/%ID'],
    ['/app-auth//%ID/user'],
    ['/app-auth/project/%ID?/user'],
    ['/app-auth/PROJECT/%ID/user'],
    ['/app%2Dauth/project/%ID/user'],
    ['/tnt_%ID/user'],
    ['/proj_%ID/app-auth/project/%ID/app-auth/project/%ID/user'],
  ])('a path trick finds nothing: %s', async (pattern) => {
    const { accessToken } = await signUp(plane.url + project.path)
    const answer = await raw(pattern.replaceAll('%ID', project.id), { authorization: `Bearer ${accessToken}` })
    expect([answer.status, answer.body?.['user']]).toEqual([404, undefined])
  })

  test('an escaped letter is the same route with the same rule', async () => {
    expect((await raw(`${project.path}/%75ser`)).code).toBe('unauthenticated')
  })

  test('an absolute or broken request target is refused cleanly', async () => {
    const { hostname, port } = new URL(plane.url)
    for (const target of [`http://evil.example${project.path}/user`, '*', 'user', `${project.path}/%`, `${project.path}/user%00`]) {
      const status = await new Promise<number>((done, fail) => {
        const socket = connect(Number(port), hostname, () => socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))
        let text = ''
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
        socket.on('close', () => done(Number(text.split(' ')[1])))
        socket.on('error', fail)
      })
      expect([target, [400, 404].includes(status)]).toEqual([target, true])
    }
  })
})

describe('projects that do not serve', () => {
  test.each([
    [{ archived: true }, 404, 'not_found'],
    [{ everEnabled: false }, 404, 'auth_not_enabled'],
    [{ enabled: false }, 403, 'auth_disabled'],
  ])('%o → %i %s on every route', async (state, status, expected) => {
    const { path } = await createTestProject(database, state)
    for (const [method, route] of [
      ['POST', 'login'],
      ['POST', 'verify'],
      ['GET', 'jwks'],
      ['GET', 'settings'],
      ['GET', 'user'],
      ['POST', 'refresh'],
      ['GET', 'mail/password_reset'],
    ] as const) {
      const answer = await call(`${plane.url}${path}/${route}`, { method })
      expect([route, answer.status, code(answer)]).toEqual([route, status, expected])
    }
  })

  test.each([
    [{ everEnabled: false }, `update auth.service set enabled = true, first_enabled_at = now() where project_id = $1`],
    [{ enabled: false }, `update auth.service set enabled = true where project_id = $1`],
    [{ archived: true }, `update platform.project set archived_at = null where id = $1`],
  ])('%o, and turned on: the next call is served, although the change was not heard of yet', async (state, change) => {
    const { id, path } = await createTestProject(database, state)
    expect((await call(`${plane.url}${path}/settings`)).status).not.toBe(200)
    // Without a note: the latest one possible.
    await withAdmin(database.url, (client) => client.query(change, [id]))
    await signUp(plane.url + path)
  })

  test('an unknown project is not found', async () => {
    expect(code(await call(`${plane.url}/proj_${randomUUID()}/settings`))).toBe('not_found')
  })

  test('a wrong method is 405 with Allow, an unknown route 404', async () => {
    const wrong = await call(`${plane.url}${project.path}/login`)
    expect([wrong.status, code(wrong), wrong.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST, OPTIONS'])
    expect(code(await call(`${plane.url}${project.path}/nothing`))).toBe('not_found')
  })
})

describe('CORS', () => {
  const preflight = (at: string, origin: string) =>
    call(`${at}/login`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } })

  test('with no list any origin may call, without credentials, and may read errors', async () => {
    const base = plane.url + project.path
    const asked = await preflight(base, 'https://any.example')
    expect([asked.status, asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-credentials')]).toEqual(
      [204, '*', null],
    )
    const answer = await call(`${base}/login`, {
      body: { email: 'x@example.com', password: 'wrong' },
      headers: { origin: 'https://any.example' },
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, '*'])
  })

  test('with a list only those origins, each project its own', async () => {
    const { path } = await createTestProject(database, { settings: { allowed_origins: ['https://app.example'] } })
    const good = await preflight(plane.url + path, 'https://app.example')
    expect([good.headers.get('access-control-allow-origin'), good.headers.get('access-control-allow-credentials')]).toEqual(['https://app.example', 'true'])
    for (const origin of ['https://evil.example', 'http://app.example', 'https://app.example.evil.example', 'null']) {
      expect((await preflight(plane.url + path, origin)).headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(good.headers.get('vary')).toContain('origin')
  })
})

describe('what is public', () => {
  test('an HS256 project publishes an empty key set, cacheable', async () => {
    for (const route of ['jwks', '.well-known/jwks.json']) {
      const answer = await call(`${plane.url}${project.path}/${route}`)
      expect(answer.body).toEqual({ keys: [] })
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
      const again = await call(`${plane.url}${project.path}/${route}`, { headers: { 'if-none-match': answer.headers.get('etag')! } })
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', answer.headers.get('etag')])
    }
  })

  test('an ES256 project publishes its public key, and tokens verify with it', async () => {
    const es = await createTestProject(database, { alg: 'ES256', settings: { token_algorithm: 'ES256' } })
    const { accessToken } = await signUp(plane.url + es.path)
    const { body } = await call(`${plane.url}${es.path}/.well-known/jwks.json`)
    expect(Object.keys(body.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(body), { issuer: TEST_PUBLIC_URL + es.path, typ: 'JWT' })
    expect(payload.sub).toBeTruthy()
    expect((await call(`${plane.url}${es.path}/verify`, { body: { token: accessToken } })).status).toBe(200)
  })

  test('the browser script is served to pages of any origin, as a script', async () => {
    const answer = await fetch(`${plane.url}${project.path}/sdk/portico-auth.js`)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(await answer.text()).toContain('PorticoAuth')
    const again = await fetch(answer.url, { headers: { 'if-none-match': answer.headers.get('etag')! } })
    expect(again.status).toBe(304)
  })

  test('settings say what a login page needs and nothing more', async () => {
    const answer = await call(`${plane.url}${project.path}/settings`)
    expect(Object.keys(answer.body).toSorted()).toEqual([
      'allow_signups',
      'branding',
      'captcha',
      'default_locale',
      'locales',
      'mail_links',
      'mfa',
      'name',
      'password_min_length',
      'project_id',
      'providers',
      'refresh_token_transport',
      'require_email_confirmation',
      'sign_in_gate',
      'signup_mode',
      'site_url',
      'token_algorithm',
    ])
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
  })
})

describe('changes reach every instance', () => {
  test('settings and disabling within a second, through the database alone', async () => {
    const own = await createTestProject(database)
    const planes = [plane, second]
    for (const at of planes) expect((await call(`${at.url}${own.path}/settings`)).body.allow_signups).toBe(true)
    await changeTestSettings(database, own, { allow_signups: false })
    const changedAt = performance.now()
    for (const at of planes) await expect.poll(async () => (await call(`${at.url}${own.path}/settings`)).body.allow_signups, { interval: 10 }).toBe(false)
    await withAdmin(database.url, async (client) => {
      await client.query('update auth.service set enabled = false where project_id = $1', [own.id])
      await noteChange(client, own.id)
    })
    for (const at of planes) await expect.poll(async () => code(await call(`${at.url}${own.path}/settings`)), { interval: 10 }).toBe('auth_disabled')
    expect(performance.now() - changedAt).toBeLessThan(1_000)
  })

  test('a session that ends on one is over on the other at once', async () => {
    const { accessToken } = await signUp(plane.url + project.path)
    expect((await call(`${second.url}${project.path}/user`, { token: accessToken })).status).toBe(200)
    await call(`${plane.url}${project.path}/logout`, { method: 'POST', token: accessToken })
    expect((await call(`${second.url}${project.path}/user`, { token: accessToken })).status).toBe(401)
  })

  test('limits are counted together', async () => {
    const own = await createTestProject(database, { settings: { limits: { signup_client: { points: 2, window_seconds: 60 } } } })
    const statuses = []
    for (const [i, at] of [plane, second, plane].entries()) {
      statuses.push((await call(`${at.url}${own.path}/signup`, { ip: '203.0.113.77', body: { email: `l${i}@example.com`, password: PASSWORD } })).status)
    }
    expect(statuses).toEqual([201, 201, 429])
  })
})

describe('the process', () => {
  test('has health and its reference beside the projects; metrics are elsewhere', async () => {
    for (const path of ['/metrics', '/metrics/', '/METRICS', '//metrics', `${project.path}/metrics`]) expect([path, (await call(plane.url + path)).status]).toEqual([path, 404])
    expect(await plane.metrics()).toContain('portico_projects_cached')
    for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs'])
      expect([path, (await call(plane.url + path)).status]).toEqual([path, 200])
  })
})
