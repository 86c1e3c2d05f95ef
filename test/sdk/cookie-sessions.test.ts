import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { Hono } from 'hono'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { CookieSessionOptions } from '../../libs/sdk-app/cookie-options.js'
import { CookieRoutes } from '../../libs/sdk-app/cookie-routes.js'
import { cookieSessions as expressSessions, sessionOf as expressSession } from '../../libs/sdk-app/express.js'
import { cookieSessions as fastifySessions, sessionOf as fastifySession } from '../../libs/sdk-app/fastify.js'
import { cookieSessions as honoSessions, sessionOf as honoSession } from '../../libs/sdk-app/hono.js'
import { cookieSessions as nextSessions } from '../../libs/sdk-app/next.js'
import { BrowserClient } from '../support/browser-client.js'
import { call, signUp } from '../support/data-plane.js'
import { HOSTILE_PATHS } from '../support/hostile-paths.js'
import { submit } from '../support/page-forms.js'
import { freePort } from '../support/redis-server.js'
import { PASSWORD, startSignInFixture, type SignInFixture } from '../support/sign-in-fixture.js'

const clock = new MovableClock()
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
})
afterAll(() => fixture?.close())

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const close of closing.splice(0)) await close()
})

type Framework = (port: number, options: CookieSessionOptions) => Promise<() => Promise<unknown>>
type Target = (request: Request) => Response | Promise<Response>

/** What each server says of who is signed in, on every path that is not ours. */
const FRAMEWORKS: Record<string, Framework> = {
  express: async (port, options) => {
    const middleware = expressSessions(options)
    const server = createServer((request, raw) => {
      // The shape of Express: its methods on Node's own objects. `examples/express` is the real one.
      const response = {
        status: (code: number) => ((raw.statusCode = code), response),
        set: (headers: Record<string, string>) => {
          for (const [name, value] of Object.entries(headers)) raw.setHeader(name, value)
          return response
        },
        append: (name: string, values: string[]) => (raw.setHeader(name, values), response),
        send: (body: string) => raw.end(body),
      }
      const asked = Object.assign(request, { originalUrl: request.url ?? '/', method: request.method ?? 'GET', ip: '127.0.0.1' })
      void middleware(asked, response, (error) => {
        if (error) return raw.writeHead(500).end(String(error))
        raw.end(JSON.stringify({ email: expressSession(request)?.claims.email ?? null }))
      })
    })
    return listening(server, port)
  },
  fastify: async (port, options) => {
    const app = fastify()
    app.addHook('onRequest', fastifySessions(options))
    app.all('/*', async (request) => ({ email: fastifySession(request)?.claims.email ?? null }))
    await app.listen({ port, host: '127.0.0.1' })
    return () => app.close()
  },
  hono: async (port, options) => {
    const app = new Hono<{ Variables: { auth: never; porticoSession: never } }>()
    app.use(honoSessions(options))
    app.all('*', (c) => c.json({ email: honoSession(c)?.claims.email ?? null }))
    return listening(webServer((request) => app.fetch(request)), port)
  },
  next: async (port, options) => {
    // What Next.js does between a proxy and a page: the request goes on with the headers of `NextResponse.next`, the answer keeps its own.
    let passedOn = new Headers()
    const NextResponse = {
      next: ({ request }: { request: { headers: Headers } }) => {
        passedOn = request.headers
        return new Response(null, { headers: { 'x-next': '1' } })
      },
    }
    const cookies = async () => ({
      getAll: () => (passedOn.get('cookie') ?? '').split('; ').filter(Boolean).map((pair) => ({ name: pair.split('=')[0]!, value: pair.split('=')[1]! })),
      set: () => {
        throw new Error('Cookies can only be modified in a Server Action or Route Handler.')
      },
    })
    const auth = nextSessions({ cookies, headers: async () => passedOn, NextResponse }, options)
    return listening(
      webServer(async (request) => {
        const answered = await auth.middleware(request)
        if (!answered.headers.has('x-next')) {
          // It reads the address of a redirect, and throws for a path alone; one of the same host it makes a path.
          const leads = answered.headers.get('location')
          const url = leads === null ? null : new URL(leads)
          if (url?.host === new URL(request.url).host) answered.headers.set('location', url.pathname + url.search)
          return answered
        }
        const session = await auth.getSession()
        return Response.json({ email: session?.claims.email ?? null }, { headers: answered.headers })
      }),
      port,
    )
  },
}

async function listening(server: Server, port: number): Promise<() => Promise<unknown>> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)))
}

const webServer = (answer: Target) =>
  createServer(async (request, raw) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string])
    const url = `http://127.0.0.1:${(request.socket.address() as AddressInfo).port}${request.url}`
    const response = await answer(new Request(url, { method: request.method ?? 'GET', headers }))
    raw.statusCode = response.status
    for (const [name, value] of response.headers) if (name !== 'set-cookie') raw.setHeader(name, value)
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) raw.setHeader('set-cookie', cookies)
    raw.end(await response.text())
  })

async function start(framework: string, options: CookieSessionOptions = {}, settings: Record<string, unknown> = {}) {
  const port = await freePort()
  const app = `http://127.0.0.1:${port}`
  const { base } = await fixture.project(['email'], { redirect_urls: [`${app}/auth/callback`], ...settings })
  const all = { url: base, appUrl: app, secret: 's'.repeat(32), verify: await verifying(base), ...options }
  closing.push(await FRAMEWORKS[framework]!(port, all))
  return { app, base, email: (await signUp(base)).email }
}

const secrets = new Map<string, { secret: string; now?: Date }>()
async function verifying(base: string) {
  const id = new URL(base).pathname.slice(1)
  if (!secrets.has(base)) {
    const { body } = await fixture.control.call('POST', `projects/${id}/instances`, {})
    secrets.set(base, { secret: body.data.env.AUTH_JWT_SECRET })
  }
  return secrets.get(base)!
}

async function signIn(browser: BrowserClient, app: string, email: string, next = '/home') {
  const begun = await browser.open(`${app}/auth/sign-in?${new URLSearchParams({ next })}`)
  const page = await browser.open(begun.location!)
  const { location } = await submit(browser, page, /sign-in/, { email, password: PASSWORD })
  return { callback: location!, back: await browser.open(location!) }
}

/** `fetch` calls itself a script's; a person's visit is another one. */
const visit = (url: string) =>
  new Promise<{ status: number | undefined; location: string | undefined }>((resolve, reject) => {
    get(url, { headers: { ...NAVIGATION, accept: 'text/html' } }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, location: response.headers.location })
    }).on('error', reject)
  })

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' }
const FORM = { 'sec-fetch-site': 'same-origin' }

describe.each(Object.keys(FRAMEWORKS))('%s', (framework) => {
  test('from a protected page to the sign-in page, back to it signed in, and out again', async () => {
    const { app, base, email } = await start(framework, { protect: ['/home'] })
    const browser = new BrowserClient()
    expect((await browser.open(`${app}/open`, { headers: NAVIGATION })).text).toBe('{"email":null}')
    expect(await visit(`${app}/home?tab=2`)).toEqual({ status: 302, location: '/auth/sign-in?next=%2Fhome%3Ftab%3D2' })
    // A script cannot follow a redirect to another site: it is told.
    expect((await browser.open(`${app}/home`, { headers: { 'sec-fetch-mode': 'cors' } })).status).toBe(401)
    const { callback, back } = await signIn(browser, app, email, '/home?tab=2')
    expect([back.status, back.location?.href]).toEqual([302, `${app}/home?tab=2`])
    const [kept] = back.headers.getSetCookie().filter((line) => line.startsWith('portico-session='))
    expect(kept).toMatch(/; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
    expect(back.headers.get('cache-control')).toBe('private, no-store')
    expect((await browser.open(`${app}/home`, { headers: NAVIGATION })).text).toBe(JSON.stringify({ email }))
    // Pressed twice, or «back»: the first answer holds.
    expect((await browser.open(callback)).location?.pathname).toBe('/')
    expect(JSON.parse((await browser.open(`${app}/auth/session`)).text)).toMatchObject({ claims: { email } })
    const forged = await browser.open(`${app}/auth/sign-out`, { form: {}, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } })
    expect(forged.status).toBe(403)
    const out = await browser.open(`${app}/auth/sign-out`, { form: {}, headers: FORM })
    expect([out.status, out.location?.pathname]).toEqual([303, '/'])
    expect((await browser.open(`${app}/open`)).text).toBe('{"email":null}')
    expect(browser.cookiesFor(app)).toEqual([])
    // At AUTH_URL too, with the account page.
    expect((await browser.open(`${base}/account`)).location?.pathname).toMatch(/sign-in$/)
  })

  test('a renewal by the server, seen by the page that it was made for', async () => {
    const { app, email } = await start(framework, { protect: [] }, { access_token_ttl_seconds: 60 })
    const browser = new BrowserClient()
    await signIn(browser, app, email)
    const first = await browser.open(`${app}/home`)
    expect([first.text, first.headers.getSetCookie()]).toEqual([JSON.stringify({ email }), []])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    const later = await browser.open(`${app}/home`)
    expect([later.text, later.headers.getSetCookie().length]).toEqual([JSON.stringify({ email }), 1])
    expect(later.headers.get('cache-control')).toBe('private, no-store')
  })
})

/** The core, asked as two servers would ask it. */
async function servers(options: CookieSessionOptions = {}, settings: Record<string, unknown> = {}) {
  const { app, base, email } = await start('fastify', options, settings)
  const browser = new BrowserClient()
  const { back } = await signIn(browser, app, email)
  const cookie = back.headers.getSetCookie().filter((line) => !line.includes('Max-Age=0')).map((line) => line.split(';')[0]!).join('; ')
  const asked: string[] = []
  const fetching: typeof fetch = (input, init) => {
    asked.push(new URL(input as string).pathname.replace(/^\/proj_[^/]+/, ''))
    return fetch(input, init)
  }
  const where = { url: base, appUrl: app, secret: 's'.repeat(32), verify: await verifying(base) }
  const all: CookieSessionOptions = { ...where, protect: [], fetch: fetching, ...options }
  const request = (more: Record<string, string> = {}, method = 'GET', target = '/') => {
    const headers: Record<string, string> = { cookie, 'user-agent': 'Mozilla/5.0 Test', ...more }
    return { method, target, header: (name: string) => headers[name] ?? null }
  }
  const make = (more: CookieSessionOptions = {}) => new CookieRoutes({ ...all, ...more })
  const { protect: _open, ...gated } = all
  const withGate = (more: CookieSessionOptions = {}) => new CookieRoutes({ ...gated, ...more })
  return { all, asked, request, email, base, app, cookie, make, gated: withGate }
}

test('twenty requests at once on two servers with a cookie that is due: one renewal on each, everybody is signed in, nobody is put out', async () => {
  const { make, asked, request, email } = await servers({}, { access_token_ttl_seconds: 60 })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  const [one, two] = [make(), make()]
  const opened = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : two).open(request())))
  expect(opened.map(({ session }) => session?.claims.email)).toEqual(Array.from({ length: 20 }, () => email))
  expect(asked.filter((path) => path === '/refresh')).toHaveLength(2)
  // One that comes a minute later with the old cookie, as after a lost answer.
  vi.setSystemTime(Date.now() + 60_000)
  expect((await make().open(request())).session?.claims.email).toBe(email)
})

test('a session that ended at AUTH_URL ends here when its token is due; one that cannot be asked about does not', async () => {
  const { make, request, base, email, all } = await servers({}, { access_token_ttl_seconds: 60 })
  const away = make({ fetch: () => Promise.reject(new Error('away')) })
  expect((await away.open(request())).session?.claims.email).toBe(email)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  const verdict = await away.handle(request())
  expect(verdict).toMatchObject({ answer: { status: 503, headers: { 'Retry-After': '5' }, setCookies: [] } })
  const { accessToken } = (await make().open(request())).session!
  await call(`${base}/logout`, { token: accessToken, body: {} })
  const after = await new CookieRoutes(all).open(request())
  expect([after.session, after.setCookies.length, after.setCookies[0]]).toEqual([null, 1, expect.stringContaining('Max-Age=0')])
})

test('the cookie says nothing without the secret, opens with the one before, and is nobody’s when it was touched', async () => {
  const { make, request, cookie, email } = await servers()
  expect(cookie).toMatch(/^portico-session=1\.[\w-]+$/)
  expect(Buffer.from(cookie.slice(cookie.indexOf('.') + 1), 'base64url').toString('latin1')).not.toContain('eyJ')
  const session = async (options: CookieSessionOptions, header = cookie) => {
    const opened = await make(options).open(request({ cookie: header }))
    return opened.session?.claims.email ?? null
  }
  expect(await session({ secret: ['n'.repeat(32), 's'.repeat(32)] })).toBe(email)
  expect(await session({ secret: 'n'.repeat(32) })).toBeNull()
  expect(await session({ secret: [] })).toBeNull()
  expect(await session({}, cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBeNull()
  expect(await session({}, cookie.replace('=1.', '=2.'))).toBeNull()
  expect(await session({ cookieName: 'other' }, cookie.replace('portico-session', 'other'))).toBeNull()
  expect(() => make({ secret: 'short' })).toThrow(/32 characters/)
})

test('on https the cookies are __Host- and Secure', async () => {
  const { make } = await servers()
  const { setCookies } = await make({ appUrl: 'https://app.example' }).sessions.start({ method: 'GET', target: '/', header: () => null }, {})
  expect(setCookies).toEqual([expect.stringMatching(/^__Host-portico-flow-[\w-]{12}=[\w-]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/)])
})

test('somebody else’s code signs nobody in, whichever browser it is brought to', async () => {
  const { app, email } = await start('fastify', { protect: [] })
  const [mallory, victim] = [new BrowserClient(), new BrowserClient()]
  const begun = await mallory.open(`${app}/auth/sign-in`)
  const page = await mallory.open(begun.location!)
  const { location } = await submit(mallory, page, /sign-in/, { email, password: PASSWORD })
  await victim.open(`${app}/auth/sign-in`)
  const refused = await victim.open(location!)
  expect([refused.status, refused.text.includes('another browser')]).toEqual([400, true])
  expect((await victim.open(`${app}/x`)).text).toBe('{"email":null}')
  const lost = new URL(location!)
  lost.searchParams.set('state', 'x'.repeat(43))
  expect((await mallory.open(lost)).status).toBe(400)
})

test('no next leads to somebody else’s page', async () => {
  const { app, email } = await start('fastify', { protect: [] })
  const browser = new BrowserClient()
  const { back } = await signIn(browser, app, email, HOSTILE_PATHS[0])
  expect(back.location?.href).toBe(`${app}/`)
})

const FORGED: [string, Record<string, string>, boolean][] = [
  ['of this app, an up-to-date browser', { 'sec-fetch-site': 'same-origin' }, true],
  ['typed', { 'sec-fetch-site': 'none' }, true],
  ['of this app, an old browser', { origin: 'APP' }, true],
  ['of no browser', {}, true],
  ['of a trusted origin', { origin: 'https://admin.example', 'sec-fetch-site': 'cross-site' }, true],
  ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
  ['of a sister host', { origin: 'https://evil.app.example', 'sec-fetch-site': 'same-site' }, false],
  ['of another site, an old browser', { origin: 'https://evil.example' }, false],
  ['of a sandboxed frame', { origin: 'null' }, false],
]

test('forms with the cookie are taken from pages of the app alone', async () => {
  const { make, request, app } = await servers({ trustedOrigins: ['https://admin.example'] })
  const routes = make()
  for (const [what, headers, taken] of FORGED) {
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === 'APP' ? app : value]))
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const verdict = await routes.handle(request(given, method, '/change'))
      expect([what, method, 'session' in verdict]).toEqual([what, method, taken])
    }
    expect([what, 'session' in (await routes.handle(request(given)))]).toEqual([what, true])
  }
})

test('sign_in_gate required keeps strangers out of everything but what is public, in every spelling', async () => {
  const { gated, request, asked } = await servers({ protect: [], publicPaths: ['/about'] }, { sign_in_gate: 'required' })
  const routes = gated()
  const stranger = (target: string) => routes.handle(request({ cookie: '', ...NAVIGATION }, 'GET', target))
  for (const path of ['/', '/home', '/aboutness', '//about', '/about/../home', '/%61boutness']) {
    expect(await stranger(path)).toMatchObject({ answer: { status: 302 } })
  }
  for (const path of ['/about', '/about/us', '/ABOUT']) expect(await stranger(path)).toMatchObject({ session: null })
  expect(await routes.handle(request())).toMatchObject({ session: { claims: {} } })
  // Asked once a minute, not at every request.
  expect(asked.filter((path) => path === '/settings')).toHaveLength(1)
})

test('before the gate was read once nothing is shown; after that an outage changes nothing', async () => {
  const { gated, request } = await servers({ protect: [] }, { sign_in_gate: 'required' })
  let away = true
  const routes = gated({ fetch: (...call) => (away ? Promise.reject(new Error('away')) : fetch(...call)) })
  const stranger = () => routes.handle(request({ cookie: '', ...NAVIGATION }))
  expect(await stranger()).toMatchObject({ answer: { status: 503 } })
  away = false
  expect(await stranger()).toMatchObject({ answer: { status: 302 } })
  away = true
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
  expect(await stranger()).toMatchObject({ answer: { status: 302 } })
})

test('a session of any size fits, and its longer cookies go when it shrinks', async () => {
  const { CookieJar } = await import('../../libs/sdk-app/cookie-jar.js')
  const jar = new CookieJar(true)
  const value = 'v'.repeat(9_000)
  const lines = jar.writeLong(null, 's', value, 60)
  const header = lines.map((line) => line.split(';')[0]).join('; ')
  const longest = Math.max(...lines.map((line) => line.length))
  expect([lines.length, longest < 4_096, jar.readLong(header, 's') === value]).toEqual([3, true, true])
  const shorter = jar.writeLong(header, 's', 'v', 60)
  const told = shorter.map((line) => /^(\S+?)=.*Max-Age=(\d+)/.exec(line)?.slice(1).join(' '))
  expect(told).toEqual(['__Host-s 60', '__Host-s.1 0', '__Host-s.2 0'])
  expect(jar.readLong(header.split('; ').slice(0, 2).join('; '), 's')).toBeNull()
  expect(() => jar.writeLong(null, 's', 'v'.repeat(20_000), 60)).toThrow(/claims/)
})

test('what cannot work is said when it is made', () => {
  for (const options of [{}, { url: 'nonsense' }, { url: 'https://auth.example/proj_1', appUrl: 'app' }, { url: 'https://auth.example/proj_1', appUrl: 'https://a.example', basePath: '//x' }]) {
    expect(() => new CookieRoutes(options)).toThrow(TypeError)
  }
})
