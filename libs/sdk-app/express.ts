import { type Checked, checkAuthorization, type RequireAuthOptions } from './check-request.js'
import type { TokenClaims } from './server.js'

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
