import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'

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
