import { cookieHeaderAfter } from './cookie-jar.js'
import { type CookieSessionOptions, readCookieOptions } from './cookie-options.js'
import { type CookieRequest, CookieSessions, type ServerSession } from './cookie-sessions.js'
import { isPorticoAuthError, type PorticoAuthError } from './portico-auth-error.js'
import { ReadGate } from './sign-in-gate.js'
import { TokenError } from './server.js'

/** An answer of ours instead of the app's. */
export interface CookieAnswer {
  status: number
  headers: Record<string, string>
  setCookies: string[]
  body: string
}

/** What to do with a request: answer it, or let the app answer it, with who is signed in. */
export type CookieVerdict =
  | { answer: CookieAnswer }
  | { session: ServerSession | null; setCookies: string[]; cookieHeader: string; headers: Record<string, string> }

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const NOT_STORED = { 'Cache-Control': 'private, no-store' }

/** The routes of cookie sessions, and what stands before the app's own: the same for every framework. */
export class CookieRoutes {
  readonly sessions: CookieSessions
  readonly #gate: ReadGate

  constructor(options: CookieSessionOptions) {
    const settings = readCookieOptions(options)
    this.sessions = new CookieSessions(settings)
    this.#gate = new ReadGate(settings)
  }

  async handle(request: CookieRequest): Promise<CookieVerdict> {
    const { basePath, appUrl } = this.sessions.settings
    const url = new URL(request.target, appUrl)
    try {
      if (url.pathname.startsWith(`${basePath}/`)) {
        const answer = await this.#own(request, url.pathname.slice(basePath.length + 1), url.searchParams)
        if (answer) return { answer }
      }
      return await this.#pass(request, url)
    } catch (error) {
      return { answer: unavailable(error) }
    }
  }

  /** Who is signed in, for those who only ask. */
  open(request: CookieRequest) {
    return this.sessions.open(request)
  }

  async #own(request: CookieRequest, page: string, query: URLSearchParams): Promise<CookieAnswer | null> {
    if (page === 'sign-in' || page === 'sign-up') {
      if (request.method !== 'GET') return methodNotAllowed('GET')
      const start = { page, next: query.get('next'), locale: query.get('locale'), loginHint: query.get('login_hint') } as const
      return sendAway(302, await this.sessions.start(request, start))
    }
    if (page === 'callback') return request.method === 'GET' ? this.#callback(request) : methodNotAllowed('GET')
    if (page === 'sign-out') {
      if (request.method !== 'POST') return methodNotAllowed('POST')
      if (!this.isOurs(request)) return forged()
      return sendAway(303, { location: this.sessions.settings.signedOutPath, setCookies: await this.sessions.signOut(request) })
    }
    if (page === 'session') {
      if (request.method !== 'GET') return methodNotAllowed('GET')
      const { session, setCookies } = await this.sessions.open(request)
      return json(200, { claims: session?.claims ?? null }, setCookies)
    }
    return null
  }

  async #callback(request: CookieRequest): Promise<CookieAnswer> {
    try {
      return sendAway(302, await this.sessions.finish(request))
    } catch (error) {
      if (!isPorticoAuthError(error) || isOutage(error)) throw error
      // The second press, «back», a reload: the first one did it.
      const { session, setCookies } = await this.sessions.open(request)
      if (session) return sendAway(302, { location: '/', setCookies })
      const again = `${this.sessions.settings.basePath}/sign-in`
      const text = error.code === 'access_denied' ? 'You did not sign in.' : 'This sign-in was begun in another browser, or too long ago.'
      const body = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign in</title>
<main><h1>Not signed in</h1><p>${text}</p><p><a href="${again}">Sign in</a></p></main></html>`
      const headers = { ...NOT_STORED, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" }
      return { status: 400, headers, setCookies, body }
    }
  }

  async #pass(request: CookieRequest, url: URL): Promise<CookieVerdict> {
    const { session, setCookies } = await this.sessions.open(request)
    if (session && !this.isOurs(request)) return { answer: forged() }
    if (!session && (await this.#gate.protects(url.pathname))) return { answer: this.#askToSignIn(request, url, setCookies) }
    const cookies = request.header('cookie')
    const cookieHeader = cookieHeaderAfter(cookies, setCookies)
    // A page for one person must not come out of a shared cache for another; one with a new cookie least of all.
    return { session, setCookies, cookieHeader, headers: setCookies.length > 0 ? NOT_STORED : {} }
  }

  /**
   * Whether a request that changes something comes from a page of the app: browsers say so themselves (`Sec-Fetch-Site`), old ones by
   * `Origin`. Both absent: no browser, so nobody's cookie is used without their doing. A sister host is not the app.
   */
  isOurs(request: CookieRequest): boolean {
    if (SAFE.has(request.method)) return true
    const { appUrl, trustedOrigins } = this.sessions.settings
    const origin = request.header('origin')
    if (origin !== null && origin !== 'null' && (origin === appUrl.origin || trustedOrigins.includes(origin))) return true
    const site = request.header('sec-fetch-site')
    if (site !== null) return site === 'same-origin' || site === 'none'
    return origin === null
  }

  #askToSignIn(request: CookieRequest, url: URL, setCookies: string[]): CookieAnswer {
    const page = ['GET', 'HEAD'].includes(request.method) && !isCall(request)
    if (!page) return json(401, { error: { code: 'unauthenticated', message: 'Sign in first.' } }, setCookies)
    const next = new URLSearchParams({ next: url.pathname + url.search })
    return sendAway(302, { location: `${this.sessions.settings.basePath}/sign-in?${next}`, setCookies })
  }
}

/** Made by a script, which cannot follow a redirect to another site's page. */
function isCall(request: CookieRequest): boolean {
  const mode = request.header('sec-fetch-mode')
  return mode === null ? !(request.header('accept') ?? '').includes('text/html') : mode !== 'navigate'
}

const sendAway = (status: 302 | 303, { location, setCookies }: { location: string; setCookies: string[] }): CookieAnswer => ({
  status, headers: { ...NOT_STORED, Location: location, 'Referrer-Policy': 'no-referrer' }, setCookies, body: '',
})

const json = (status: number, value: unknown, setCookies: string[] = [], more: Record<string, string> = {}): CookieAnswer => ({
  status, headers: { ...NOT_STORED, 'Content-Type': 'application/json; charset=utf-8', ...more }, setCookies, body: JSON.stringify(value),
})

const methodNotAllowed = (allow: string) =>
  json(405, { error: { code: 'method_not_allowed', message: `Only ${allow}.` } }, [], { Allow: allow })

const forged = () => json(403, { error: { code: 'origin_not_allowed', message: 'Only pages of this app may send this.' } })

function isOutage(error: PorticoAuthError): boolean {
  return error.code === 'network_error' || error.code === 'timeout' || error.status === 429 || error.status >= 500
}

/** `AUTH_URL` or its keys cannot be asked: nobody is signed out by that. */
function unavailable(error: unknown): CookieAnswer {
  const away = isPorticoAuthError(error) ? isOutage(error) : error instanceof TokenError && error.code === 'unavailable'
  if (!away) throw error
  const seconds = (isPorticoAuthError(error) ? error.retryAfterSeconds : null) ?? 5
  const body = { error: { code: 'unavailable', message: 'Signing in does not work right now.' } }
  return json(503, body, [], { 'Retry-After': String(seconds) })
}
