import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type AuthClient,
  type AuthClientOptions,
  type AuthEvent,
  createAuthClient,
  isPorticoAuthError,
  memoryStorage,
  type Session,
} from '../../libs/sdk-app/auth-client.js'
import { mfa } from '../../libs/sdk-app/mfa.js'
import { errorBody, type ScriptedAnswer, type ScriptedServer, type SeenRequest, startScriptedServer } from './scripted-server.js'

const USER = { id: 'u1', email: 'ada@example.com', email_verified: false, metadata: { first_name: 'Ada' }, created_at: 'then', last_sign_in_at: null }

function sessionBody(n: number, expiresIn = 3600) {
  return {
    access_token: `access-${n}`,
    token: `access-${n}`,
    token_type: 'Bearer',
    expires_in: expiresIn,
    expires_at: new Date(Date.now() + expiresIn * 1000).toISOString(),
    refresh_token: `refresh-${n}`,
    user_id: USER.id,
    user: USER,
  }
}

const servers: ScriptedServer[] = []
const clients: AuthClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) await server.close()
  vi.useRealTimers()
})

type Routes = Record<string, (request: SeenRequest, count: number) => ScriptedAnswer | Promise<ScriptedAnswer>>

/** A data plane that knows the routes given; log-in answers a session of 60 s unless told otherwise. */
async function serve(routes: Routes = {}): Promise<ScriptedServer> {
  const counts = new Map<string, number>()
  const server = await startScriptedServer((request) => {
    const route = `${request.method} ${request.path.replace('/proj_1', '')}`
    counts.set(route, (counts.get(route) ?? 0) + 1)
    const known: Routes = { 'POST /login': () => ({ body: sessionBody(0) }), ...routes }
    return known[route]?.(request, counts.get(route) ?? 0) ?? { status: 404, body: errorBody('not_found') }
  })
  servers.push(server)
  return server
}

function clientOf(server: ScriptedServer, options: Partial<AuthClientOptions> = {}): AuthClient {
  const client = createAuthClient({ url: `${server.url}/proj_1`, storage: memoryStorage(), autoRefresh: false, ...options })
  clients.push(client)
  return client
}

async function logIn(client: AuthClient): Promise<Session> {
  const result = await client.logIn({ email: 'ada@example.com', password: 'correct horse' })
  if (result.mfaRequired || result.mfaEnrolmentRequired) throw new Error('no second factor was expected')
  return result
}
const caught = (promise: Promise<unknown>) => promise.then(() => null, (error: unknown) => error)
const seen = (server: ScriptedServer, path: string) => server.requests.filter((request) => request.path.endsWith(path))

function eventsOf(client: AuthClient): AuthEvent[] {
  const events: AuthEvent[] = []
  client.onAuthStateChange((event) => event === 'INITIAL_SESSION' || events.push(event))
  return events
}

describe('signing up and in', () => {
  test('gives a session in camelCase, keeps it, and leaves metadata as it is', async () => {
    const server = await serve({ 'POST /signup': () => ({ status: 201, body: sessionBody(1) }) })
    const storage = memoryStorage()
    const client = clientOf(server, { storage })
    const events = eventsOf(client)
    const result = await client.signUp({ email: 'ada@example.com', password: 'correct horse', metadata: { first_name: 'Ada' } })
    expect(seen(server, '/signup')[0]?.body).toEqual({
      email: 'ada@example.com',
      password: 'correct horse',
      metadata: { first_name: 'Ada' },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(result).toMatchObject({
      confirmationRequired: false,
      user: { emailVerified: false, metadata: { first_name: 'Ada' } },
      session: { accessToken: 'access-1', userId: 'u1' },
    })
    expect(result.session).not.toHaveProperty('localExpiry')
    expect(events).toEqual(['SIGNED_IN'])
    expect(await clientOf(server, { storage }).getSession()).toEqual(result.session)
  })

  test('tells that a confirmation is needed, with no session', async () => {
    const server = await serve({ 'POST /signup': () => ({ status: 202, body: { ok: true, confirmation_required: true } }) })
    const client = clientOf(server)
    expect(await client.signUp({ email: 'a@example.com', password: 'x' })).toEqual({
      confirmationRequired: true,
      session: null,
      user: null,
    })
    expect(await client.getSession()).toBeNull()
  })

  test('throws what the server says, typed', async () => {
    const server = await serve({ 'POST /login': () => ({ status: 429, headers: { 'retry-after': '7' }, body: errorBody('rate_limited') }) })
    const error = await caught(logIn(clientOf(server)))
    expect(isPorticoAuthError(error, 'rate_limited')).toBe(true)
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 7, requestId: 'req-body', message: 'It is rate_limited.' })
  })

  test('a failing listener harms neither the client nor the other listeners', async () => {
    const client = clientOf(await serve())
    const reported = vi.fn()
    process.once('uncaughtException', reported)
    const others = process.listeners('uncaughtException').filter((listener) => listener !== reported)
    for (const listener of others) process.off('uncaughtException', listener)
    client.onAuthStateChange((event) => {
      if (event !== 'INITIAL_SESSION') throw new Error('listener')
    })
    const events = eventsOf(client)
    await logIn(client)
    await vi.waitFor(() => expect(reported).toHaveBeenCalled(), { timeout: 10_000 })
    for (const listener of others) process.on('uncaughtException', listener)
    expect(events).toEqual(['SIGNED_IN'])
  })
})

describe('a new address', () => {
  const confirmed = { ...USER, email_verified: true }
  const renewing = () => ({
    'POST /login': () => ({ body: sessionBody(0) }),
    'POST /refresh': () => ({ body: { ...sessionBody(1), user: confirmed } }),
    'GET /user': () => ({ body: { user: confirmed } }),
    'POST /email/confirm': () => ({ body: { user: confirmed } }),
  })

  test.each([
    ['a confirmation', (client: AuthClient) => client.confirmEmail({ token: 't' })],
    ['a look at the user, who confirmed elsewhere', (client: AuthClient) => client.getUser()],
  ])('%s renews the token, once', async (_name, act) => {
    const server = await serve(renewing())
    const client = clientOf(server)
    await logIn(client)
    const events = eventsOf(client)
    await act(client)
    expect((await client.getSession())).toMatchObject({ accessToken: 'access-1', user: { emailVerified: true } })
    await act(client)
    expect(seen(server, '/refresh')).toHaveLength(1)
    expect(events.slice(0, 2)).toEqual(['USER_UPDATED', 'TOKEN_REFRESHED'])
  })

  test('is kept when the token cannot be renewed now', async () => {
    const server = await serve({
      ...renewing(),
      'POST /refresh': () => ({ status: 503, headers: { 'retry-after': '9' }, body: errorBody('overloaded') }),
    })
    const client = clientOf(server)
    await logIn(client)
    expect(await client.getUser()).toMatchObject({ emailVerified: true })
    expect(await client.getSession()).toMatchObject({ accessToken: 'access-0', user: { emailVerified: true } })
  })
})

describe('refreshing', () => {
  test('answers that never come: every quick try begins within the grace time of the server', async () => {
    const begun: number[] = []
    const client = createAuthClient({
      url: 'https://auth.example/proj_1',
      storage: memoryStorage(),
      autoRefresh: false,
      fetch: (input, init) => {
        if (!String(input).endsWith('/refresh')) return Promise.resolve(new Response(JSON.stringify(sessionBody(0, 0)), { status: 200 }))
        begun.push(Date.now())
        return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
      },
    })
    clients.push(client)
    await logIn(client)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const failed = caught(client.getUser())
    await vi.advanceTimersByTimeAsync(120_000)
    expect(await failed).toMatchObject({ code: 'timeout' })
    expect(begun).toHaveLength(3)
    expect(begun.at(-1)! - begun[0]!).toBeLessThan(30_000)
  })

  test('is one request, however many calls and tabs need a new token at once', async () => {
    const server = await serve({
      'POST /login': () => ({ body: sessionBody(0, 1) }),
      'POST /refresh': () => ({ body: sessionBody(1), delay: 100 }),
      'GET /user': () => ({ body: { user: USER } }),
    })
    const storage = memoryStorage()
    const tabs = [1, 2, 3, 4].map(() => clientOf(server, { storage }))
    await logIn(tabs[0]!)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    await Promise.all(tabs.flatMap((tab) => [tab.getUser(), tab.getUser(), tab.getSession()]))
    expect(seen(server, '/refresh').map((request) => request.body)).toEqual([{ refresh_token: 'refresh-0' }])
    expect(new Set(seen(server, '/user').map((request) => request.headers.authorization))).toEqual(new Set(['Bearer access-1']))
    expect(await storage.getItem(`portico.auth:${server.url}/proj_1.lock`)).toBeNull()
  })

  test('happens by itself before the token expires', async () => {
    const server = await serve({ 'POST /login': () => ({ body: sessionBody(0, 2) }), 'POST /refresh': () => ({ body: sessionBody(1) }) })
    const client = clientOf(server, { autoRefresh: true })
    const session = await logIn(client)
    await vi.waitFor(() => expect(seen(server, '/refresh')).toHaveLength(1), { timeout: 10_000 })
    expect(seen(server, '/refresh')[0]!.at).toBeLessThan(Date.parse(session.expiresAt))
    await vi.waitFor(async () => expect((await client.getSession())?.accessToken).toBe('access-1'), { timeout: 10_000 })
  })

  test.each([
    ['503', { status: 503, headers: { 'retry-after': '9' }, body: errorBody('overloaded') }],
    ['500 from something in between', { status: 502, headers: { 'retry-after': '9' }, body: '<html>' }],
    ['429', { status: 429, headers: { 'retry-after': '9' }, body: errorBody('rate_limited') }],
    ['a broken connection', { hangUp: true }],
    ['403 auth_disabled', { status: 403, headers: { 'retry-after': '9' }, body: errorBody('auth_disabled') }],
    ['a 401 that is not about the session', { status: 401, headers: { 'retry-after': '9' }, body: 'proxy says no' }],
  ])('that fails with %s never drops the session', async (_what, failure) => {
    let broken = true
    const server = await serve({
      'POST /login': () => ({ body: sessionBody(0, 0) }),
      'POST /refresh': () => (broken ? failure : { body: sessionBody(1) }),
    })
    const client = clientOf(server)
    const events = eventsOf(client)
    await logIn(client)
    expect((await client.getSession())?.userId).toBe('u1')
    expect(await caught(client.getUser())).toMatchObject({ name: 'PorticoAuthError' })
    expect(events).toEqual(['SIGNED_IN'])
    broken = false
    expect((await client.getSession())?.accessToken).toBe('access-1')
    expect(events).toEqual(['SIGNED_IN', 'TOKEN_REFRESHED'])
  })

  test.each(['session_ended', 'invalid_token'])('answered with 401 %s ends the session, once', async (code) => {
    const server = await serve({ 'POST /login': () => ({ body: sessionBody(0, 0) }), 'POST /refresh': () => ({ status: 401, body: errorBody(code) }) })
    const client = clientOf(server)
    const events = eventsOf(client)
    await logIn(client)
    expect(await Promise.all([client.getSession(), client.getSession()])).toEqual([null, null])
    expect(await caught(client.getUser())).toMatchObject({ code: 'not_signed_in' })
    expect(events).toEqual(['SIGNED_IN', 'SIGNED_OUT'])
    expect(seen(server, '/refresh')).toHaveLength(1)
  })

  test('that is overtaken by a log-out does not bring the session back', async () => {
    const server = await serve({
      'POST /login': () => ({ body: sessionBody(0, 0) }),
      'POST /refresh': () => ({ body: sessionBody(1), delay: 300 }),
      'POST /logout': () => ({ body: { ok: true } }),
    })
    const client = clientOf(server)
    await logIn(client)
    const refreshed = client.getSession()
    await vi.waitFor(() => expect(seen(server, '/refresh')).toHaveLength(1), { timeout: 10_000 })
    await client.logOut()
    expect(await refreshed).toBeNull()
    expect(await client.getSession()).toBeNull()
  })

  test('loses neither its new tokens nor what another tab changed meanwhile', async () => {
    const server = await serve({
      'POST /refresh': () => ({ body: sessionBody(1), delay: 300 }),
      'GET /user': (request) => (request.headers.authorization === 'Bearer access-0' ? { status: 401, body: errorBody('invalid_token') } : { body: { user: USER } }),
      'PATCH /user': () => ({ body: { user: { ...USER, metadata: { first_name: 'Augusta' } } } }),
      'POST /mfa/challenge': () => ({ body: { ...sessionBody(2), refresh_token: undefined } }),
    })
    const storage = memoryStorage()
    const [refreshing, changing, raising] = [clientOf(server, { storage }), clientOf(server, { storage }), clientOf(server, { storage })]
    await logIn(refreshing)
    const asked = refreshing.getUser()
    await vi.waitFor(() => expect(seen(server, '/refresh')).toHaveLength(1), { timeout: 10_000 })
    await Promise.all([changing.updateUser({ metadata: { first_name: 'Augusta' } }), mfa(raising).stepUp({ code: '123456' }), asked])
    expect(await refreshing.getSession()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' })
    expect(seen(server, '/refresh')).toHaveLength(1)
  })

  test('is tried when an account call is refused, and the call is repeated', async () => {
    const server = await serve({
      'POST /refresh': () => ({ body: sessionBody(1) }),
      'GET /user': (request) => (request.headers.authorization === 'Bearer access-1' ? { body: { user: USER } } : { status: 401, body: errorBody('invalid_token') }),
    })
    const client = clientOf(server)
    await logIn(client)
    expect((await client.getUser()).email).toBe('ada@example.com')
  })

  test('a tab that died with the lease does not hold the others up for long', async () => {
    const server = await serve({ 'POST /login': () => ({ body: sessionBody(0, 0) }), 'POST /refresh': () => ({ body: sessionBody(1) }) })
    const storage = memoryStorage()
    const client = clientOf(server, { storage })
    await logIn(client)
    storage.setItem(`portico.auth:${server.url}/proj_1.lock`, JSON.stringify(['dead', Date.now() + 400]))
    const started = Date.now()
    expect((await client.getSession())?.accessToken).toBe('access-1')
    expect(Date.now() - started).toBeGreaterThan(300)
    expect(Date.now() - started).toBeLessThan(2_000)
  })
})

test('a session without a refresh token lasts as long as its access token, and its end is told', async () => {
  const { refresh_token: _, ...body } = sessionBody(0, 1)
  const server = await serve({ 'POST /login': () => ({ body }) })
  const client = clientOf(server)
  const events = eventsOf(client)
  await logIn(client)
  expect((await client.getSession())?.accessToken).toBe('access-0')
  await new Promise((resolve) => setTimeout(resolve, 1_050))
  expect(await client.getSession()).toBeNull()
  expect(events).toEqual(['SIGNED_IN', 'SIGNED_OUT'])
  expect(seen(server, '/refresh')).toHaveLength(0)
})

describe('other tabs', () => {
  test('a sign-in, a refresh and a sign-out elsewhere are noticed', async () => {
    const server = await serve({ 'POST /logout': () => ({ body: { ok: true } }), 'PATCH /user': () => ({ body: { user: { ...USER, metadata: { first_name: 'Augusta' } } } }) })
    const storage = memoryStorage()
    const [here, there] = [clientOf(server, { storage }), clientOf(server, { storage })]
    const events = eventsOf(here)
    expect(await here.getSession()).toBeNull()
    await logIn(there)
    expect((await here.getSession())?.accessToken).toBe('access-0')
    await there.updateUser({ metadata: { first_name: 'Augusta' } })
    expect((await here.getSession())?.user.metadata).toEqual({ first_name: 'Augusta' })
    await there.logOut()
    expect(await here.getSession()).toBeNull()
    expect(events).toEqual(['SIGNED_IN', 'USER_UPDATED', 'SIGNED_OUT'])
  })

  test('rubbish in the storage is no session', async () => {
    const storage = memoryStorage()
    const server = await serve()
    const key = `portico.auth:${server.url}/proj_1`
    for (const rubbish of ['', '{', 'null', '[]', '"x"', '{"accessToken":1}']) {
      storage.setItem(key, rubbish)
      expect(await clientOf(server, { storage }).getSession()).toBeNull()
    }
  })
})

describe('logging out', () => {
  test('takes effect here at once, even when the server cannot be told', async () => {
    const server = await serve({ 'POST /logout': () => ({ hangUp: true }) })
    const client = clientOf(server)
    const events = eventsOf(client)
    await logIn(client)
    expect(await caught(client.logOut())).toMatchObject({ code: 'network_error' })
    expect(await client.getSession()).toBeNull()
    expect(events).toEqual(['SIGNED_IN', 'SIGNED_OUT'])
  })

  test('uses the refresh token when the access token is stale, and takes 401 for done', async () => {
    const server = await serve({ 'POST /login': () => ({ body: sessionBody(0, 0) }), 'POST /logout': () => ({ status: 401, body: errorBody('invalid_token') }) })
    const client = clientOf(server)
    await logIn(client)
    await client.logOut()
    const [request] = seen(server, '/logout')
    expect(request?.body).toEqual({ refresh_token: 'refresh-0' })
    expect(request?.headers.authorization).toBeUndefined()
  })

  test('of the other sessions keeps this one', async () => {
    const server = await serve({ 'POST /logout': () => ({ body: { ok: true } }) })
    const client = clientOf(server)
    await logIn(client)
    await client.logOut({ scope: 'others' })
    expect(seen(server, '/logout')[0]?.query.get('scope')).toBe('others')
    expect(await client.getSession()).not.toBeNull()
  })
})

describe('auth.fetch', () => {
  test('sends the token to named origins only', async () => {
    const server = await serve({ 'GET /api': () => ({ body: { ok: true } }) })
    const elsewhere = await serve()
    const client = clientOf(server)
    await logIn(client)
    await client.fetch(`${server.url}/api`)
    expect(seen(server, '/api')[0]?.headers.authorization).toBe('Bearer access-0')
    await expect(client.fetch(`${elsewhere.url}/api`)).rejects.toThrow(/tokenOrigins/)
    expect(elsewhere.requests).toHaveLength(0)
  })

  test('renews a refused token and sends the same request again, body and all', async () => {
    const api = await serve({
      'POST /api': (request) => (request.headers.authorization === 'Bearer access-1' ? { body: { echo: request.body } } : { status: 401 }),
    })
    const server = await serve({ 'POST /refresh': () => ({ body: sessionBody(1) }) })
    const client = clientOf(server, { tokenOrigins: [api.url] })
    await logIn(client)
    const response = await client.fetch(`${api.url}/api`, { method: 'POST', body: JSON.stringify({ a_b: 1 }), headers: { 'content-type': 'application/json' } })
    expect(await response.json()).toEqual({ echo: { a_b: 1 } })
    expect(seen(server, '/refresh')).toHaveLength(1)
  })

  test('throws not_signed_in without a session', async () => {
    const server = await serve()
    expect(await caught(clientOf(server).fetch(`${server.url}/api`))).toMatchObject({ code: 'not_signed_in', status: 401 })
  })
})

describe('cookie mode', () => {
  const cookieBody = (n: number) => ({ ...sessionBody(n), refresh_token: undefined })

  test('finds the session that only the server can see, keeps the token in memory, and logs out with the cookie', async () => {
    const server = await serve({ 'POST /refresh': () => ({ body: cookieBody(5) }), 'POST /logout': () => ({ body: { ok: true } }) })
    const client = clientOf(server, { credentials: 'include' })
    const [first, second] = await Promise.all([client.getSession(), client.getSession()])
    expect(first).toMatchObject({ accessToken: 'access-5', refreshToken: null })
    expect(second).toEqual(first)
    expect(seen(server, '/refresh').map((request) => request.body)).toEqual([{}])
    await client.logOut()
    expect(await client.getSession()).toBeNull()
    expect(seen(server, '/refresh')).toHaveLength(1)
  })

  test('asks the server once without a session', async () => {
    const server = await serve({ 'POST /refresh': () => ({ status: 401, body: errorBody('invalid_token') }) })
    const client = clientOf(server, { credentials: 'include' })
    expect(await client.getSession()).toBeNull()
    expect(await client.getSession()).toBeNull()
    expect(seen(server, '/refresh')).toHaveLength(1)
  })
})

test('another way to sign in is a module of its own on the client’s core', async () => {
  const server = await serve({ 'POST /magic-link/redeem': () => ({ body: sessionBody(3) }) })
  const magicLink = ({ core }: AuthClient) => ({
    redeem: async (token: string) => core.startSession(await core.send({ method: 'POST', path: '/magic-link/redeem', body: { token } })),
  })
  const client = clientOf(server)
  const events = eventsOf(client)
  expect(await magicLink(client).redeem('t')).toMatchObject({ accessToken: 'access-3' })
  expect(events).toEqual(['SIGNED_IN'])
})
