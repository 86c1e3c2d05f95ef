import { afterEach, describe, expect, test } from 'vitest'
import { isPorticoError, Portico, type PorticoOptions } from '../../libs/sdk-js/portico.js'
import { errorBody, type ScriptedServer, startScriptedServer } from './scripted-server.js'

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve(...script: Parameters<typeof startScriptedServer>): Promise<ScriptedServer> {
  const server = await startScriptedServer(...script)
  open.push(server)
  return server
}

function clientOf(server: ScriptedServer, options: PorticoOptions = {}) {
  return new Portico({ apiKey: 'msk_test_key', baseUrl: server.url, ...options })
}

const caught = (promise: PromiseLike<unknown>) => Promise.resolve(promise).then(() => null, (error: unknown) => error)

describe('what goes over the wire', () => {
  test('is snake_case out and camelCase in, and no metadata, limits or variables are renamed', async () => {
    const answer = {
      project_id: 'proj_1',
      settings: { allow_signups: true, limits: { login_account: { points: 1, window_seconds: 9 } } },
      keys: [{ created_at: 'then' }],
      metadata: { some_key: { inner_key: 1 }, camelKey: 2 },
    }
    const server = await serve(() => ({ status: 201, body: { data: answer } }))
    const limits = { login_account: { points: 3, window_seconds: 60 } }
    const enabled = await clientOf(server).projects.auth.enable('proj_1', { allowSignups: true, providers: ['email'], limits } as never)
    const [request] = server.requests
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v1/projects/proj_1/auth',
      body: { allow_signups: true, providers: ['email'], limits },
    })
    expect(request?.headers.authorization).toBe('Bearer msk_test_key')
    expect(enabled).toEqual({
      projectId: 'proj_1',
      settings: { allowSignups: true, limits: { login_account: { points: 1, window_seconds: 9 } } },
      keys: [{ createdAt: 'then' }],
      metadata: { some_key: { inner_key: 1 }, camelKey: 2 },
    })
  })

  test('keeps the names of environment variables', async () => {
    const server = await serve(() => ({ body: { data: { env: { AUTH_URL: 'x', my_var: 'y' }, env_version: 3 } } }))
    expect(await clientOf(server).runtimeEnv.get('proj_1')).toEqual({ env: { AUTH_URL: 'x', my_var: 'y' }, envVersion: 3 })
    await clientOf(server).runtimeEnv.set('proj_1', { AUTH_URL: 'x', my_var: null })
    expect(server.requests[1]).toMatchObject({
      method: 'PUT',
      path: '/api/v1/projects/proj_1/runtime-env',
      body: { variables: { AUTH_URL: 'x', my_var: null } },
    })
  })

  test('answers dotenv as text', async () => {
    const server = await serve(() => ({ body: 'AUTH_URL=x\n', headers: { 'content-type': 'text/plain' } }))
    expect(await clientOf(server).runtimeEnv.get('proj_1', { format: 'dotenv' })).toBe('AUTH_URL=x\n')
    expect(server.requests[0]?.query.get('format')).toBe('dotenv')
  })

  test('an id cannot leave its place in the path', async () => {
    const server = await serve(() => ({ body: { data: {} } }))
    await clientOf(server).projects.get('a/../../b?x=1')
    expect(server.requests[0]?.path).toBe('/api/v1/projects/a%2F..%2F..%2Fb%3Fx%3D1')
    await expect(clientOf(server).projects.get('..')).rejects.toThrow(TypeError)
    await expect(clientOf(server).projects.get('')).rejects.toThrow(TypeError)
    expect(server.requests).toHaveLength(1)
  })

  test('a base that names the version is taken as it is', async () => {
    const server = await serve(() => ({ body: { data: {} } }))
    await clientOf(server, { baseUrl: `${server.url}/v1/` }).projects.get('p')
    expect(server.requests[0]?.path).toBe('/v1/projects/p')
  })

  test('key and address come from the environment, and their absence is told by name', () => {
    const { PORTICO_API_KEY, PORTICO_URL } = process.env
    try {
      delete process.env['PORTICO_API_KEY']
      delete process.env['PORTICO_URL']
      expect(() => new Portico()).toThrow(/PORTICO_API_KEY/)
      process.env['PORTICO_API_KEY'] = 'msk_test_env'
      expect(() => new Portico()).toThrow(/PORTICO_URL/)
      process.env['PORTICO_URL'] = 'http://127.0.0.1:1'
      expect(new Portico()).toBeInstanceOf(Portico)
    } finally {
      restore('PORTICO_API_KEY', PORTICO_API_KEY)
      restore('PORTICO_URL', PORTICO_URL)
    }
  })
})

function restore(name: string, value: string | undefined) {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

describe('a call that fails for a while', () => {
  test.each([
    ['503', { status: 503, body: errorBody('overloaded') }],
    ['500 without a body of ours', { status: 500, body: '<html>' }],
    ['429', { status: 429, headers: { 'retry-after': '0' }, body: errorBody('rate_limited') }],
    ['a broken connection', { hangUp: true }],
    ['a first call that still runs', { status: 409, headers: { 'retry-after': '0' }, body: errorBody('idempotency_in_progress') }],
  ])('is repeated with the same Idempotency-Key after %s', async (_what, failure) => {
    const server = await serve((_request, count) => (count <= 2 ? failure : { status: 201, body: { data: { id: 'proj_1' } } }))
    expect(await clientOf(server).projects.create({ name: 'x' } as never)).toEqual({ id: 'proj_1' })
    const keys = server.requests.map((request) => request.headers['idempotency-key'])
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  test('two calls have two keys; one that the caller gives is used', async () => {
    const server = await serve(() => ({ body: { data: {} } }))
    const portico = clientOf(server)
    await portico.projects.delete('p')
    await portico.projects.delete('p')
    await portico.projects.delete('p', { idempotencyKey: 'mine' })
    await portico.projects.get('p')
    const keys = server.requests.map((request) => request.headers['idempotency-key'])
    expect(keys[0]).not.toBe(keys[1])
    expect(keys.slice(2)).toEqual(['mine', undefined])
  })

  test('waits as long as Retry-After says', async () => {
    const server = await serve((_request, count) =>
      count === 1 ? { status: 503, headers: { 'retry-after': '1' }, body: errorBody('overloaded') } : { body: { data: {} } },
    )
    await clientOf(server).projects.get('p')
    const [first, second] = server.requests
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(990)
  })

  test('is given up at once when Retry-After is longer than is left, and says how long', async () => {
    const server = await serve(() => ({ status: 429, headers: { 'retry-after': '30' }, body: errorBody('rate_limited') }))
    const started = Date.now()
    const error = await caught(clientOf(server, { totalTimeoutMs: 5_000 }).projects.get('p'))
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfterSeconds: 30, requestId: 'req-body' })
    expect(Date.now() - started).toBeLessThan(1_000)
    expect(server.requests).toHaveLength(1)
  })

  test('is given up after maxRetries, with the last refusal', async () => {
    const server = await serve((_request, count) => ({
      status: 503,
      headers: { 'retry-after': '0' },
      body: errorBody(count < 3 ? 'overloaded' : 'unavailable'),
    }))
    expect(await caught(clientOf(server, { maxRetries: 2 }).projects.get('p'))).toMatchObject({ code: 'unavailable', status: 503 })
    expect(server.requests).toHaveLength(3)
  })

  test.each([400, 401, 403, 404, 422, 302])('is not repeated after %i', async (status) => {
    const server = await serve(() => ({
      status,
      headers: { location: 'http://127.0.0.1:9/' },
      body: errorBody('whatever', { details: [{ field: 'name', code: 'x', message: 'y' }] }),
    }))
    const error = await caught(clientOf(server).projects.get('p'))
    expect(isPorticoError(error, 'whatever')).toBe(true)
    expect(error).toMatchObject({ status, details: [{ field: 'name' }] })
    expect(server.requests).toHaveLength(1)
  })
})

describe('time limits and aborting', () => {
  test('an attempt that takes too long is repeated; the total limit holds', async () => {
    const server = await serve(() => ({ delay: 5_000 }))
    const started = Date.now()
    const error = await caught(clientOf(server, { timeoutMs: 150, totalTimeoutMs: 700, maxRetries: 50 }).projects.get('p'))
    expect(error).toMatchObject({ code: 'timeout', status: 0 })
    expect(Date.now() - started).toBeLessThan(1_500)
    expect(server.requests.length).toBeGreaterThan(1)
  })

  test('a server that is not there is a network_error', async () => {
    const portico = new Portico({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
    expect(await caught(portico.projects.get('p'))).toMatchObject({ code: 'network_error', status: 0, requestId: null })
  })

  test('a signal ends a running attempt with its reason', async () => {
    const server = await serve(() => ({ delay: 5_000 }))
    const controller = new AbortController()
    const call = caught(clientOf(server).projects.get('p', { signal: controller.signal }))
    const reason = new Error('changed my mind')
    setTimeout(() => controller.abort(reason), 50)
    expect(await call).toBe(reason)
    expect(server.requests).toHaveLength(1)
  })

  test('a signal ends a wait between attempts, and stops a call before it starts', async () => {
    const server = await serve(() => ({ status: 503, headers: { 'retry-after': '20' }, body: errorBody('overloaded') }))
    const started = Date.now()
    expect(await caught(clientOf(server).projects.get('p', { signal: AbortSignal.timeout(100) }))).toMatchObject({ name: 'TimeoutError' })
    expect(Date.now() - started).toBeLessThan(2_000)
    expect(await caught(clientOf(server).projects.get('p', { signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' })
    expect(server.requests).toHaveLength(1)
  })
})

describe('a list', () => {
  const pages = (request: { query: URLSearchParams }) => {
    const at = Number(request.query.get('cursor') ?? 0)
    return { body: { data: [{ id: at }, { id: at + 1 }], page: { limit: 2, next_cursor: at < 4 ? String(at + 2) : null } } }
  }

  test('is one page when awaited', async () => {
    const server = await serve(pages)
    expect(await clientOf(server).projects.list({ limit: 2 })).toEqual({
      data: [{ id: 0 }, { id: 1 }],
      page: { limit: 2, nextCursor: '2' },
    })
    expect(server.requests[0]?.query.toString()).toBe('limit=2')
  })

  test('is every item when iterated, fetched page by page as the loop gets there', async () => {
    const server = await serve(pages)
    const ids: unknown[] = []
    for await (const project of clientOf(server).projects.list({ limit: 2, search: 'a' })) {
      ids.push(project.id)
      expect(server.requests).toHaveLength(Math.ceil(ids.length / 2))
    }
    expect(ids).toEqual([0, 1, 2, 3, 4, 5])
    expect(server.requests.map((request) => request.query.get('search'))).toEqual(['a', 'a', 'a'])
  })

  test('sends nothing until it is used, and filters by instants', async () => {
    const server = await serve(pages)
    const listing = clientOf(server).auditLog.list({ projectId: 'proj_1', since: new Date(0) })
    expect(server.requests).toHaveLength(0)
    await listing
    expect(server.requests[0]).toMatchObject({ path: '/api/v1/projects/proj_1/audit-log' })
    expect(server.requests[0]?.query.get('since')).toBe('1970-01-01T00:00:00.000Z')
  })
})
