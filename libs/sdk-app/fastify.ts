import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'
import type { CookieSessionOptions } from './cookie-options.js'
import { CookieRoutes } from './cookie-routes.js'
import { headerOf, keepSession } from './node-request.js'

interface FastifyRequest {
  headers: { authorization?: string | undefined }
}

interface FastifyReply {
  code(status: number): FastifyReply
  headers(headers: Record<string, string>): FastifyReply
  send(body: unknown): unknown
}

/** A Fastify hook: `app.addHook('onRequest', requireAuth())`, or `{ onRequest: requireAuth() }` on one route. */
export function requireAuth(options: RequireAuthOptions = {}) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const checked = await checkAuthorization(request.headers.authorization, options)
    if ('refusal' in checked) return reply.code(checked.refusal.status).headers(checked.refusal.headers).send(checked.refusal.body)
    ;(request as { auth?: TokenClaims | null }).auth = checked.claims
    return undefined
  }
}

/** The claims that `requireAuth` found. Throws where it did not run or let an anonymous request pass. */
export function authOf(request: object): TokenClaims {
  const { auth } = request as { auth?: TokenClaims | null }
  if (!auth) throw new Error('No claims: is requireAuth() in front of this route?')
  return auth
}

interface FastifyCookieRequest {
  method: string
  originalUrl: string
  headers: Record<string, string | string[] | undefined>
  ip: string
}

interface FastifyCookieReply {
  code(status: number): FastifyCookieReply
  headers(headers: Record<string, string>): FastifyCookieReply
  header(name: string, value: string[]): FastifyCookieReply
  send(body: unknown): unknown
}

/**
 * Sessions in cookies, for pages: `app.addHook('onRequest', cookieSessions())` on the outermost instance. Answers `/auth/sign-in`,
 * `/auth/sign-up`, `/auth/callback`, `/auth/sign-out` and `/auth/session`; refuses forms of other sites. Who is signed in:
 * `sessionOf(request)`, `authOf(request)`.
 */
export function cookieSessions(options: CookieSessionOptions = {}) {
  const routes = new CookieRoutes(options)
  return async (request: FastifyCookieRequest, reply: FastifyCookieReply): Promise<unknown> => {
    const verdict = await routes.handle({
      method: request.method,
      target: request.originalUrl,
      header: (name) => headerOf(request.headers, name),
      clientAddress: request.ip,
    })
    const { setCookies, headers } = 'answer' in verdict ? verdict.answer : verdict
    reply.headers(headers)
    if (setCookies.length > 0) reply.header('set-cookie', setCookies)
    if ('answer' in verdict) return reply.code(verdict.answer.status).send(verdict.answer.body)
    keepSession(request, verdict.session)
    return undefined
  }
}

export { sessionOf } from './node-request.js'
