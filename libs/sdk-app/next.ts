import { checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'

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
