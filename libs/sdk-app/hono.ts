import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'
import type { CookieSessionOptions } from './cookie-options.js'
import { CookieRoutes } from './cookie-routes.js'
import type { ServerSession } from './cookie-sessions.js'
import { webResponse } from './web-response.js'

interface HonoContext {
  req: { header(name: string): string | undefined }
  set(key: 'auth', value: TokenClaims | null): void
  get(key: 'auth'): TokenClaims | null | undefined
}

/** Hono middleware: `app.use('/api/*', requireAuth())`. The claims are `c.get('auth')`, or `authOf(c)` with their type. */
export function requireAuth(options: RequireAuthOptions = {}) {
  return async (context: HonoContext, next: () => Promise<void>): Promise<Response | void> => {
    const checked = await checkAuthorization(context.req.header('authorization'), options)
    if ('refusal' in checked)
      return Response.json(checked.refusal.body, { status: checked.refusal.status, headers: checked.refusal.headers })
    context.set('auth', checked.claims)
    await next()
  }
}

/** The claims that `requireAuth` found. Throws where it did not run or let an anonymous request pass. */
export function authOf(context: HonoContext): TokenClaims {
  const auth = context.get('auth')
  if (!auth) throw new Error('No claims: is requireAuth() in front of this route?')
  return auth
}

interface HonoCookieContext {
  req: { method: string; url: string; header(name: string): string | undefined }
  set(key: 'auth' | 'porticoSession', value: unknown): void
  header(name: string, value: string, options?: { append?: boolean }): void
}

/**
 * Sessions in cookies, for pages: `app.use(cookieSessions())`. Answers `/auth/sign-in`, `/auth/sign-up`, `/auth/callback`,
 * `/auth/sign-out` and `/auth/session`; refuses forms of other sites. Who is signed in: `sessionOf(c)`, `authOf(c)`.
 * `clientAddress` tells the end user's address, for `clientsKey`.
 */
export function cookieSessions<Context extends HonoCookieContext>(
  options: CookieSessionOptions & { clientAddress?: (context: Context) => string | null } = {},
) {
  let routes: CookieRoutes | null = null
  return async (context: Context, next: () => Promise<void>): Promise<Response | void> => {
    const { req } = context
    const { pathname, search } = new URL(req.url)
    // Not before the first request: some runtimes have no environment until then.
    routes ??= new CookieRoutes(options)
    const verdict = await routes.handle({
      method: req.method,
      target: pathname + search,
      header: (name) => req.header(name) ?? null,
      clientAddress: options.clientAddress?.(context) ?? null,
    })
    if ('answer' in verdict) return webResponse(verdict.answer)
    context.set('auth', verdict.session?.claims ?? null)
    context.set('porticoSession', verdict.session)
    await next()
    for (const [name, value] of Object.entries(verdict.headers)) context.header(name, value)
    for (const line of verdict.setCookies) context.header('Set-Cookie', line, { append: true })
  }
}

/** The session that `cookieSessions` found; `null`: nobody is signed in. */
export function sessionOf(context: { get(key: 'porticoSession'): unknown }): ServerSession | null {
  const session = context.get('porticoSession') as ServerSession | null | undefined
  if (session === undefined) throw new Error('No session: is cookieSessions() in front of this route?')
  return session
}
