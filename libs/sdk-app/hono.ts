import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'

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
