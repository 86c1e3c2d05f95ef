import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

const APP = 'https://app.example'
const ORIGIN = { origin: APP }

let database: TestDatabase
let plane: RunningDataPlane
let open: string
let listed: string
let limited: string
let disabled: string
beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  const make = async (options: Parameters<typeof createTestProject>[1]) => plane.url + (await createTestProject(database, options)).path
  open = await make({})
  listed = await make({ settings: { allowed_origins: [APP] } })
  limited = await make({ settings: { limits: { signup_client: { points: 1, window_seconds: 60 } } } })
  disabled = await make({ enabled: false })
})
afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

const preflight = (url: string, requested: string | null, origin = APP) =>
  call(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      ...(requested !== null && { 'access-control-request-headers': requested }),
    },
  })
const allowed = async (url: string, requested: string) =>
  (await preflight(url, requested)).headers.get('access-control-allow-headers')?.split(', ') ?? []

describe('request headers', () => {
  test.each([
    'traceparent,tracestate,baggage',
    'sentry-trace, baggage',
    'X-Datadog-Trace-Id, x-datadog-parent-id',
    'x-client-info,apikey',
    'b3',
    'newrelic',
    'x-b3-traceid',
  ])('%s may be sent', async (requested) => {
    for (const base of [open, listed]) {
      const names = requested
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())
      expect(await allowed(`${base}/login`, requested)).toEqual(
        expect.arrayContaining([...names, 'authorization', 'content-type', 'idempotency-key']),
      )
    }
  })

  test('what is no header name is left out, the list has an end, and a server may not be played from a page', async () => {
    expect(await allowed(`${open}/login`, 'traceparent, b@d, <script>, , x y, X-Portico-Key, x-portico-client-address')).toEqual([
      'authorization',
      'content-type',
      'idempotency-key',
      'x-request-id',
      'traceparent',
    ])
    expect((await allowed(`${open}/login`, Array.from({ length: 500 }, (_, i) => `x-${i}`).join(','))).length).toBeLessThanOrEqual(54)
    expect(await allowed(`${open}/login`, `x-${'a'.repeat(200)}`)).toHaveLength(4)
    expect((await preflight(`${open}/login`, null)).headers.get('access-control-allow-headers')).toContain('authorization')
  })

  test('an answer varies by what it was made from', async () => {
    const answer = await preflight(`${open}/login`, 'traceparent')
    expect([answer.status, answer.headers.get('vary')]).toEqual([
      204,
      'origin, access-control-request-method, access-control-request-headers',
    ])
  })
})

const big = JSON.stringify({ email: 'a'.repeat(70_000) })
const ANSWERS: [string, number, () => Promise<{ status: number; headers: Headers }>][] = [
  ['a success', 200, () => call(`${listed}/settings`, { headers: ORIGIN })],
  ['malformed JSON', 400, () => call(`${listed}/login`, { body: '{', headers: ORIGIN })],
  ['wrong credentials', 401, () => call(`${listed}/login`, { body: { email: 'a@example.com', password: 'walnut bread' }, headers: ORIGIN })],
  ['no session', 401, () => call(`${listed}/user`, { headers: ORIGIN })],
  ['a bad token', 401, () => call(`${listed}/verify`, { body: { token: 'x' }, headers: ORIGIN })],
  ['a disabled project', 403, () => call(`${disabled}/login`, { body: {}, headers: ORIGIN })],
  ['an unknown route', 404, () => call(`${listed}/nowhere`, { headers: ORIGIN })],
  ['an unknown route of a project without a list', 404, () => call(`${open}/nowhere`, { body: {}, headers: ORIGIN })],
  ['an unknown project', 404, () => call(`${plane.url}/proj_0b9d7a1e-3c5f-4e2a-8d1b-6f7a8b9c0d1e/login`, { body: {}, headers: ORIGIN })],
  ['no project at all', 404, () => call(`${plane.url}/login`, { body: {}, headers: ORIGIN })],
  ['a wrong method', 405, () => call(`${listed}/login`, { method: 'PUT', body: {}, headers: ORIGIN })],
  ['a body too large', 413, () => call(`${listed}/login`, { body: big, headers: ORIGIN })],
  ['a body of another type', 415, () => call(`${listed}/login`, { body: 'x', headers: { ...ORIGIN, 'content-type': 'text/plain' } })],
  ['a bad field', 422, () => call(`${listed}/login`, { body: { email: 5 }, headers: ORIGIN })],
  ['a limit', 429, async () => {
    const sign = () =>
      call(`${limited}/signup`, { body: { email: 'a@example.com', password: 'walnut bread tuesday' }, headers: ORIGIN, ip: '203.0.113.77' })
    await sign()
    return sign()
  }],
  ['a NUL in the path', 400, () => call(`${listed}/login%00`, { headers: ORIGIN })],
  ['a path that cannot be decoded', 400, () => call(`${listed}/user%`, { headers: ORIGIN })],
]

describe('a page may read', () => {
  test.each(ANSWERS)('%s (%i)', async (_name, status, ask) => {
    const answer = await ask()
    expect([answer.status, [APP, '*']]).toEqual([status, expect.arrayContaining([answer.headers.get('access-control-allow-origin')])])
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id')
    expect(answer.headers.get('vary')).toContain('origin')
  })

  test('what the wait is after a limit, what is allowed after a wrong method, what is wrong with a token', async () => {
    const exposed = (await call(`${listed}/nowhere`, { headers: ORIGIN })).headers.get('access-control-expose-headers')?.split(', ')
    expect(exposed).toEqual(
      expect.arrayContaining([
        'retry-after',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
        'www-authenticate',
        'allow',
        'date',
        'etag',
      ]),
    )
  })

  test('a request that is none', async () => {
    const { hostname, port } = new URL(plane.url)
    const text = await new Promise<string>((done) => {
      let received = ''
      const socket = connect(Number(port), hostname, () => socket.write('nonsense\r\n\r\n'))
      socket.on('data', (chunk) => (received += chunk.toString())).on('close', () => done(received))
    })
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(text).toContain('access-control-allow-origin: *')
  })
})

test('a page of another origin reads nothing of a project with a list, errors and unknown routes included', async () => {
  for (const path of ['/settings', '/nowhere', '/login', '/user', '/login%00']) {
    const answer = await call(listed + path, { headers: { origin: 'https://evil.example' } })
    expect([path, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-allow-credentials')]).toEqual([
      path,
      null,
      null,
    ])
    expect((await preflight(listed + path, 'traceparent', 'https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  }
})
