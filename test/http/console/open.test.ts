import { connect as openSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startControlPlane, testConsole, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let origin: string
beforeAll(async () => {
  plane = await startControlPlane({ config: { console: testConsole({ access: null }) } })
  origin = new URL(plane.url).origin
})
afterAll(() => plane?.stop())

const nobody = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  plane.call(method, path, body, { key: null, headers })

/** `fetch` sets its own Host. */
function withHost(host: string, path: string): Promise<string> {
  const { port } = new URL(plane.url)
  return new Promise((done, fail) => {
    const socket = openSocket(Number(port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('end', () => done(text))
    socket.on('error', fail)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  })
}

describe('in development, without a member', () => {
  test('the console is open, and whoever is there is owner', async () => {
    const { status, body } = await nobody('GET', 'console/session')
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      mode: 'open',
      signed_in: true,
      setup_required: false,
      banner: 'open',
      sign_in_url: null,
      user: null,
      role: 'owner',
      tenant: { name: 'Default' },
    })
    expect(body.data.permissions).toEqual(expect.arrayContaining(['projects.write', 'keys.manage', 'settings.users.manage']))
  })

  test('a call needs no key, and says in the audit log that it came from the open console', async () => {
    const made = await nobody('POST', 'projects', { name: 'Open Bakery' }, { origin })
    expect(made.status).toBe(201)
    expect((await nobody('GET', 'projects')).body.data.map((row: { name: string }) => row.name)).toEqual(['Open Bakery'])
    const [event] = (await nobody('GET', 'audit-log?action=project.created')).body.data
    expect(event).toMatchObject({ actor_type: 'platform_user', actor_id: 'open_console' })
    expect((await nobody('GET', 'me')).body.data).toMatchObject({ type: 'open', role: 'owner', user: null, project_ids: null })
  })

  test('the project of the console is in no list, and cannot be reached by its id', async () => {
    const { projectId, tenantId } = await plane.plane.useCases.consoleProject.ids()
    expect((await plane.call('GET', 'tenants?limit=100')).text).not.toContain(tenantId)
    expect((await plane.call('GET', 'tenants')).body.page.total).toBe(1)
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/auth'],
      ['PATCH', '/auth'],
      ['GET', '/users'],
    ] as const) {
      expect([
        method,
        path,
        (await plane.call(method, `projects/proj_${projectId}${path}`, method === 'PATCH' ? {} : undefined)).status,
      ]).toEqual([method, path, 404])
      expect((await nobody(method, `projects/proj_${projectId}${path}`, undefined, { origin })).status).toBe(404)
    }
  })
})

describe('an open console is for this machine alone', () => {
  test.each(['evil.example', 'evil.example:4000', '192.168.1.10', 'localhost.evil.example', 'xn--localhost', '[::2]'])(
    'Host %s is refused',
    async (host) => {
      for (const path of ['/api/v1/projects', '/api/v1/me', '/api/v1/console/session']) {
        const answer = await withHost(host, path)
        expect(answer).toMatch(/^HTTP\/1\.1 403 /)
        expect(answer).toContain('answered on this machine alone')
      }
    },
  )

  test.each(['localhost', 'localhost:4000', '127.0.0.1:1', '[::1]:4000', 'portico.localhost'])('Host %s is answered', async (host) => {
    expect(await withHost(host, '/api/v1/projects')).toMatch(/^HTTP\/1\.1 200 /)
  })

  test.each(['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip'])(
    'not through a tunnel or proxy, which says %s',
    async (header) => {
      expect((await nobody('GET', 'projects', undefined, { [header]: '127.0.0.1' })).status).toBe(403)
    },
  )

  test('with the risk accepted it is answered to everybody', async () => {
    const risky = await startControlPlane({ beside: plane, config: { console: testConsole({ access: 'open', acceptOpenRisk: true }) } })
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    expect((await risky.call('GET', 'projects', undefined, { key: null, headers })).status).toBe(200)
    await risky.stop()
  })

  test('a key is good from anywhere, as ever', async () => {
    expect((await plane.call('GET', 'projects', undefined, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(200)
  })
})

describe('what another site makes a browser send', () => {
  const changes: [string, Record<string, string>, number][] = [
    ['from the console itself', { 'sec-fetch-site': 'same-origin' }, 201],
    ['without Sec-Fetch-Site (an older browser)', {}, 201],
    ['cross-site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['cross-site that claims our origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['same-site', { 'sec-fetch-site': 'same-site' }, 403],
    ['typed', { 'sec-fetch-site': 'none' }, 403],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['https of the same host', { origin: 'https://127.0.0.1' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['no origin', { origin: '' }, 403],
  ]
  test.each(changes)('a change %s', async (_name, headers, status) => {
    const sent = { origin, ...headers }
    const answer = await nobody('POST', 'projects', { name: 'A change' }, sent.origin === '' ? {} : sent)
    expect([answer.status, status === 403 && answer.body.error.code]).toEqual([status, status === 403 && 'origin_not_allowed'])
  })

  const reads: [string, number][] = [
    ['same-origin', 200],
    ['none', 200],
    ['cross-site', 403],
    ['same-site', 403],
  ]
  test.each(reads)('a read, %s', async (site, status) => {
    expect((await nobody('GET', 'projects', undefined, { 'sec-fetch-site': site })).status).toBe(status)
  })

  test('a key needs no origin: nobody sends one by accident', async () => {
    expect((await plane.call('POST', 'projects', { name: 'By key' }, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(201)
  })
})
