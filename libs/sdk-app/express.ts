import { type Checked, checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'
import { CookieRoutes, type CookieVerdict } from './cookie-routes.js'
import type { CookieSessionOptions } from './cookie-options.js'
import { headerOf, keepSession } from './node-request.js'

interface ExpressRequest {
  headers: { authorization?: string | undefined }
}

interface ExpressResponse {
  status(code: number): ExpressResponse
  set(headers: Record<string, string>): ExpressResponse
  json(body: unknown): unknown
}

/** Express middleware: `app.use('/api', requireAuth())`. The claims are `req.auth`, or `authOf(req)` with their type. */
export function requireAuth(options: RequireAuthOptions = {}) {
  return async (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void): Promise<void> => {
    let checked: Checked
    try {
      checked = await checkAuthorization(request.headers.authorization, options)
    } catch (error) {
      return next(error)
    }
    if ('refusal' in checked) {
      response.status(checked.refusal.status).set(checked.refusal.headers).json(checked.refusal.body)
      return
    }
    ;(request as { auth?: TokenClaims | null }).auth = checked.claims
    next()
  }
}

/** The claims that `requireAuth` found. Throws where it did not run or let an anonymous request pass. */
export function authOf(request: object): TokenClaims {
  const { auth } = request as { auth?: TokenClaims | null }
  if (!auth) throw new Error('No claims: is requireAuth() in front of this route?')
  return auth
}

interface ExpressCookieRequest {
  method: string
  originalUrl: string
  headers: Record<string, string | string[] | undefined>
  ip?: string | undefined
}

interface ExpressCookieResponse {
  status(code: number): ExpressCookieResponse
  set(headers: Record<string, string>): ExpressCookieResponse
  append(name: string, values: string[]): ExpressCookieResponse
  send(body: string): unknown
}

/**
 * Sessions in cookies, for pages: `app.use(cookieSessions())` before the routes. Answers `/auth/sign-in`, `/auth/sign-up`,
 * `/auth/callback`, `/auth/sign-out` and `/auth/session`; refuses forms of other sites. Who is signed in: `sessionOf(req)`, `authOf(req)`.
 */
export function cookieSessions(options: CookieSessionOptions = {}) {
  const routes = new CookieRoutes(options)
  return async (request: ExpressCookieRequest, response: ExpressCookieResponse, next: (error?: unknown) => void): Promise<void> => {
    let verdict: CookieVerdict
    try {
      verdict = await routes.handle({
        method: request.method,
        target: request.originalUrl,
        header: (name) => headerOf(request.headers, name),
        clientAddress: request.ip ?? null,
      })
    } catch (error) {
      return next(error)
    }
    const { setCookies, headers } = 'answer' in verdict ? verdict.answer : verdict
    response.set(headers)
    if (setCookies.length > 0) response.append('Set-Cookie', setCookies)
    if ('answer' in verdict) return void response.status(verdict.answer.status).send(verdict.answer.body)
    keepSession(request, verdict.session)
    next()
  }
}

export { sessionOf } from './node-request.js'
