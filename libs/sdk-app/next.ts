import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'
import type { CookieSessionOptions } from './cookie-options.js'
import { type CookieAnswer, CookieRoutes } from './cookie-routes.js'
import type { CookieRequest, ServerSession } from './cookie-sessions.js'
import { webResponse } from './web-response.js'

/**
 * A Next.js route handler, or any other function from Request to Response (Deno, Bun, Workers), for signed-in users only:
 * `export const GET = withAuth(async (request, auth) => …)`. `context` is the handler's second argument, with its `params`.
 */
export function withAuth<Context = unknown>(
  handler: (request: Request, auth: TokenClaims, context: Context) => Response | Promise<Response>,
  options: Omit<RequireAuthOptions, 'optional'> = {},
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    const checked = await checkAuthorization(request.headers.get('authorization'), options)
    if ('refusal' in checked)
      return Response.json(checked.refusal.body, { status: checked.refusal.status, headers: checked.refusal.headers })
    if (!checked.claims) throw new Error('Not reached: a token was required.')
    return handler(request, checked.claims, context)
  }
}

/**
 * The claims of a request that may be anonymous: `null` without a good token. For server components: `getAuth({ headers: await headers()
 * })`.
 */
export async function getAuth(request: { headers: Pick<Headers, 'get'> }, options: RequireAuthOptions = {}): Promise<TokenClaims | null> {
  const checked = await checkAuthorization(request.headers.get('authorization'), options)
  return 'claims' in checked ? checked.claims : null
}

interface CookieStore {
  getAll(): { name: string; value: string }[]
  set(name: string, value: string, options: { path: string; maxAge: number; httpOnly: boolean; secure: boolean; sameSite: 'lax' }): unknown
}

/** What Next.js has for this: `cookies` and `headers` of `next/headers`, `NextResponse` of `next/server`. */
export interface NextParts {
  cookies: () => CookieStore | Promise<CookieStore>
  headers: () => Pick<Headers, 'get'> | Promise<Pick<Headers, 'get'>>
  NextResponse: { next(init: { request: { headers: Headers } }): Response }
}

export interface NextCookieSessions {
  /**
   * For `proxy.ts` (`middleware.ts` before Next.js 16): `export const proxy = auth.middleware`. Renews the session, so that pages behind it
   * read the new one, keeps strangers out of what is protected, refuses forms of other sites, and answers what `handlers` answer.
   */
  middleware(request: Request): Promise<Response>
  /** For `app/auth/[page]/route.ts`, where `middleware` does not see these paths: `export const { GET, POST } = auth.handlers`. */
  handlers: { GET(request: Request): Promise<Response>; POST(request: Request): Promise<Response> }
  /** Who is signed in: in pages, layouts, server actions and route handlers. Throws while `AUTH_URL` cannot be asked and has to be. */
  getSession(): Promise<ServerSession | null>
}

/** Sessions in cookies: `export const auth = cookieSessions({ cookies, headers, NextResponse })`. */
export function cookieSessions({ cookies, headers, NextResponse }: NextParts, options: CookieSessionOptions = {}): NextCookieSessions {
  let made: CookieRoutes | null = null
  // Not before it is needed: `next build` loads this file where there is no environment yet.
  const routes = () => (made ??= new CookieRoutes(options))
  const own = async (request: Request) => {
    const verdict = await routes().handle(webRequest(request))
    return 'answer' in verdict ? webResponse(verdict.answer) : new Response(null, { status: 404 })
  }
  return {
    async middleware(request) {
      const verdict = await routes().handle(webRequest(request))
      if ('answer' in verdict) return webResponse(absolute(verdict.answer, routes().sessions.settings.appUrl))
      // Pages read the cookies of the request, which are older than those of the answer.
      const passedOn = new Headers(request.headers)
      if (verdict.cookieHeader === '') passedOn.delete('cookie')
      else passedOn.set('cookie', verdict.cookieHeader)
      const response = NextResponse.next({ request: { headers: passedOn } })
      for (const [name, value] of Object.entries(verdict.headers)) response.headers.set(name, value)
      for (const line of verdict.setCookies) response.headers.append('Set-Cookie', line)
      return response
    },
    handlers: { GET: own, POST: own },
    async getSession() {
      const [store, given] = [await cookies(), await headers()]
      const cookie = store.getAll().map(({ name, value }) => `${name}=${value}`).join('; ')
      const header = (name: string) => (name === 'cookie' ? cookie : given.get(name))
      const { session, setCookies } = await routes().open({ method: 'GET', target: '/', header })
      for (const line of setCookies) keepIn(store, line)
      return session
    },
  }
}

/** What a proxy answers goes through `new URL` in Next.js, which throws for a path alone; one of its own host it makes a path again. */
function absolute(answer: CookieAnswer, appUrl: URL): CookieAnswer {
  const location = answer.headers['Location']
  return location === undefined ? answer : { ...answer, headers: { ...answer.headers, Location: new URL(location, appUrl).href } }
}

const webRequest = (request: Request): CookieRequest => {
  const { pathname, search } = new URL(request.url)
  return { method: request.method, target: pathname + search, header: (name) => request.headers.get(name) }
}

function keepIn(store: CookieStore, line: string): void {
  const [pair = ''] = line.split(';', 1)
  const at = pair.indexOf('=')
  const maxAge = Number(/; Max-Age=(\d+)/.exec(line)?.[1])
  try {
    store.set(pair.slice(0, at), pair.slice(at + 1), {
      path: '/', maxAge, httpOnly: true, secure: line.includes('; Secure'), sameSite: 'lax',
    })
  } catch {
    // Pages cannot set cookies. The next request comes with the old one, which gives the same tokens once more.
  }
}
