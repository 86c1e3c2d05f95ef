import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type AuthClient,
  type AuthClientOptions,
  type AuthEvent,
  type AuthStorage,
  createAuthClient,
  memoryStorage,
} from '../../libs/sdk-app/auth-client.js'
import { magicLink } from '../../libs/sdk-app/magic-link.js'
import { social } from '../../libs/sdk-app/social.js'

/** A data plane of a few lines: whose token it is stands in the token, and `dead` ones are refused. */
function fakeServer() {
  const dead = new Set<string>()
  const calls: { path: string; method: string; token: string | null; body: Record<string, unknown> }[] = []
  let minted = 0
  const session = (user: string, expiresIn = 3_600) => {
    const n = (minted += 1)
    const tokens = { access_token: `access-${user}-${n}`, refresh_token: `refresh-${user}-${n}` }
    return { ...tokens, token_type: 'Bearer', expires_in: expiresIn, expires_at: 'then', user_id: user, user: { id: user } }
  }
  const refused = (status: number, code: string) => Response.json({ error: { code, message: code, request_id: 'r' } }, { status })
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(input as string, init as never)
    const path = new URL(request.url).pathname.replace('/proj_1', '')
    const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? null
    const text = await request.text()
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    calls.push({ path, method: request.method, token, body })
    if (path === '/login') return Response.json(session(String(body['email'])))
    if (path === '/refresh') return Response.json(session(String(body['refresh_token']).split('-')[1] ?? ''))
    if (path === '/token/exchange') return Response.json(session('ada'))
    if (path === '/magic-link' || path === '/magic-link/confirm')
      return Response.json(path === '/magic-link' ? { ok: true } : session('ada'))
    if (token === null || dead.has(token)) return refused(401, 'invalid_token')
    return Response.json({ ok: true, user: { id: token.split('-')[1] } })
  }
  return { fetch: fetch as typeof globalThis.fetch, dead, calls }
}

const clients: AuthClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function clientOf(server: ReturnType<typeof fakeServer>, options: Partial<AuthClientOptions> = {}): AuthClient {
  const auth = createAuthClient({
    url: 'https://auth.example/proj_1',
    storage: memoryStorage(),
    autoRefresh: false,
    fetch: server.fetch,
    ...options,
  })
  clients.push(auth)
  return auth
}

const logIn = (auth: AuthClient, email: string) => auth.logIn({ email, password: 'correct horse' })
const codeOf = (work: Promise<unknown>) => work.then(() => null, (error: { code?: string }) => error.code)

describe('a call belongs to the user that made it', () => {
  const CALLS: Record<string, (auth: AuthClient) => Promise<unknown>> = {
    updateUser: (auth) => auth.updateUser({ metadata: { colour: 'blue' } }),
    changeEmail: (auth) => auth.changeEmail({ email: 'new@example.com' }),
    changePassword: (auth) => auth.changePassword({ currentPassword: 'a', password: 'b' }),
    deleteUser: (auth) => auth.deleteUser(),
    getUser: (auth) => auth.getUser(),
    'sessions.endAll': (auth) => auth.sessions.endAll(),
    'logOut others': (auth) => auth.logOut({ scope: 'others' }),
    fetch: async (auth) => {
      const response = await auth.fetch('https://api.example/orders', { method: 'POST', body: '{}' })
      if (response.status === 401) throw Object.assign(new Error('401'), { code: 'invalid_token' })
    },
  }

  test.each(Object.keys(CALLS))('%s: refused, and not tried as whoever signed in in another tab', async (name) => {
    const server = fakeServer()
    const storage = memoryStorage()
    const first = clientOf(server, { storage, tokenOrigins: ['https://api.example'] })
    const second = clientOf(server, { storage })
    await logIn(first, 'ada')
    const mine = (await first.getSession())?.accessToken ?? ''
    server.dead.add(mine)
    // Signs in elsewhere while the first call is under way.
    const plain = server.fetch
    let waited = false
    server.fetch = (async (input: string | Request, init?: RequestInit) => {
      const response = await plain(input, init)
      if (response.status === 401 && !waited) {
        waited = true
        await logIn(second, 'eve')
      }
      return response
    }) as typeof globalThis.fetch
    const busy = clientOf(server, { storage, tokenOrigins: ['https://api.example'] })
    expect(await codeOf(CALLS[name]?.(busy) ?? Promise.resolve())).toBe('invalid_token')
    expect(server.calls.filter(({ token }) => token?.includes('eve'))).toEqual([])
    // The second user is signed in as before.
    expect((await second.getSession())?.userId).toBe('eve')
  })

  test('of the same user it is tried once more', async () => {
    const server = fakeServer()
    const auth = clientOf(server)
    await logIn(auth, 'ada')
    server.dead.add((await auth.getSession())?.accessToken ?? '')
    expect(await auth.getUser()).toEqual({ id: 'ada' })
  })
})

describe('storage that refuses', () => {
  const refuse = () => {
    throw new DOMException('no', 'QuotaExceededError')
  }
  const works = memoryStorage()
  const STORAGES: Record<string, () => AuthStorage> = {
    'throws when written': () => ({ getItem: () => null, setItem: refuse, removeItem: () => {} }),
    'throws when read': () => ({ getItem: refuse, setItem: () => {}, removeItem: () => {} }),
    'throws always': () => ({ getItem: refuse, setItem: refuse, removeItem: refuse }),
    'rejects always': () => ({
      getItem: () => Promise.reject(new Error('no')),
      setItem: () => Promise.reject(new Error('no')),
      removeItem: () => Promise.reject(new Error('no')),
    }),
    'works once': () => {
      let left = 1
      return {
        getItem: (key) => works.getItem(key),
        setItem: (key, value) => (left-- > 0 ? works.setItem(key, value) : refuse()),
        removeItem: refuse,
      }
    },
  }

  test.each(Object.keys(STORAGES))('%s: the session is kept in memory, refreshed and ended there', async (name) => {
    const server = fakeServer()
    const auth = clientOf(server, { storage: STORAGES[name]?.() ?? memoryStorage() })
    await logIn(auth, 'ada')
    expect((await auth.getSession())?.userId).toBe('ada')
    server.dead.add((await auth.getSession())?.accessToken ?? '')
    expect(await auth.getUser()).toEqual({ id: 'ada' })
    const again = await auth.refreshSession()
    expect((await auth.getSession())?.accessToken).toBe(again.accessToken)
    await logIn(auth, 'bob')
    expect((await auth.getSession())?.userId).toBe('bob')
    await auth.logOut()
    expect(await auth.getSession()).toBeNull()
  })
})

describe('a clock that jumps', () => {
  test.each([
    ['two hours ahead', 7_200_000, 0],
    ['a day back', -86_400_000, 0],
    ['half an hour back, an hour after the sign-in', -1_800_000, 3_590_000],
    ['back to the minute of the sign-in, when the token is dead', -3_700_000, 3_700_000],
  ])('%s: the token is renewed, not served', async (_, jump, passed) => {
    const server = fakeServer()
    const auth = clientOf(server)
    const [wall, steady] = [Date.now(), performance.now()]
    const clocks = { wall: 0, steady: 0 }
    vi.spyOn(Date, 'now').mockImplementation(() => wall + clocks.wall)
    vi.spyOn(performance, 'now').mockImplementation(() => steady + clocks.steady)
    await logIn(auth, 'ada')
    const before = (await auth.getSession())?.accessToken
    Object.assign(clocks, { wall: passed + jump, steady: passed })
    const after = (await auth.getSession())?.accessToken
    expect(after).not.toBe(before)
    // And the new one is kept, not renewed at every call.
    expect((await auth.getSession())?.accessToken).toBe(after)
  })

  test('a few seconds change nothing', async () => {
    const server = fakeServer()
    const auth = clientOf(server)
    await logIn(auth, 'ada')
    const before = (await auth.getSession())?.accessToken
    const wall = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => wall - 3_000)
    expect((await auth.getSession())?.accessToken).toBe(before)
  })
})

describe('refreshSession and the first event', () => {
  test('new tokens at once, told like any refresh; nobody signed in is not_signed_in', async () => {
    const auth = clientOf(fakeServer())
    expect(await codeOf(auth.refreshSession())).toBe('not_signed_in')
    await logIn(auth, 'ada')
    const before = (await auth.getSession())?.accessToken
    const events: AuthEvent[] = []
    auth.onAuthStateChange((event) => events.push(event))
    const session = await auth.refreshSession()
    expect([session.accessToken === before, (await auth.getSession())?.accessToken]).toEqual([false, session.accessToken])
    expect(events).toContain('TOKEN_REFRESHED')
  })

  test.each([true, false])('INITIAL_SESSION comes first, once, to each listener; signed in: %s', async (signedIn) => {
    const server = fakeServer()
    const storage = memoryStorage()
    if (signedIn) await logIn(clientOf(server, { storage }), 'ada')
    const auth = clientOf(server, { storage })
    const heard: [AuthEvent, string | null][][] = [[], []]
    for (const list of heard) auth.onAuthStateChange((event, session) => list.push([event, session?.userId ?? null]))
    const stopped: AuthEvent[] = []
    auth.onAuthStateChange((event) => stopped.push(event))()
    await vi.waitFor(() => expect(heard[1]).toHaveLength(1))
    await logIn(auth, 'bob')
    for (const list of heard) expect(list).toEqual([['INITIAL_SESSION', signedIn ? 'ada' : null], ['SIGNED_IN', 'bob']])
    expect(stopped).toEqual([])
  })
})

describe('what others have in the address', () => {
  function page(address: string) {
    const replaced: string[] = []
    vi.stubGlobal('location', { href: address, origin: new URL(address).origin, assign: () => {} })
    vi.stubGlobal('history', { state: null, replaceState: (_state: unknown, _title: string, url: string) => replaced.push(url) })
    return replaced
  }
  const FOREIGN = [
    '?code=abc',
    '?code=abc&state=theirs',
    '?state=theirs&code=abc',
    '?error=access_denied&state=theirs',
    '?error=oops',
    '?error_description=x&error=y',
    '?type=password_reset&token=abc',
    '?type=email_confirm&token=abc',
    '?type=invitation&token=abc',
    '?token=abc',
    '?state=x',
    '?type=magic_link',
    '',
    '?code=',
    '?code=abc&state=portico',
    '#code=abc',
  ]

  test.each(FOREIGN)('%s stays where it is, and is no answer', async (query) => {
    const server = fakeServer()
    const auth = clientOf(server)
    await social(auth).start('github', { open: false })
    const replaced = page(`https://app.example/cb${query}`)
    expect(await social(auth).exchange()).toBeNull()
    expect(await magicLink(auth).confirm()).toBeNull()
    expect([replaced, server.calls]).toEqual([[], []])
  })

  test('with a link asked for here, a code of another library that has a state stays too', async () => {
    const server = fakeServer()
    const auth = clientOf(server)
    await magicLink(auth).send({ email: 'ada@example.com', sameBrowser: true })
    for (const query of ['?code=abc&state=theirs', '?error=access_denied', '?type=password_reset&token=abc']) {
      const replaced = page(`https://app.example/cb${query}`)
      expect([await magicLink(auth).confirm(), replaced]).toEqual([null, []])
    }
    const replaced = page('https://app.example/cb?tab=2&code=ours')
    expect(await magicLink(auth).confirm()).toMatchObject({ userId: 'ada' })
    expect(replaced).toEqual(['https://app.example/cb?tab=2'])
  })

  test('an own answer is taken out, a refusal as well, and one that is over is flow_not_found', async () => {
    const server = fakeServer()
    const auth = clientOf(server)
    const state = new URL(await social(auth).start('github', { open: false })).searchParams.get('state') ?? ''
    const back = page(`https://app.example/cb?keep=1&code=ours&state=${state}#top`)
    expect(await social(auth).exchange()).toMatchObject({ userId: 'ada' })
    expect(back).toEqual(['https://app.example/cb?keep=1#top'])
    expect(await codeOf(social(auth).exchange())).toBe('flow_not_found')
    const other = new URL(await social(auth).start('github', { open: false })).searchParams.get('state') ?? ''
    const refused = page(`https://app.example/cb?error=access_denied&error_description=no&state=${other}`)
    expect(await codeOf(social(auth).exchange())).toBe('access_denied')
    expect(refused).toEqual(['https://app.example/cb'])
  })
})
