import { digestToken } from '@portico/crypto/token-digest'
import type { FastifyReply, FastifyRequest } from 'fastify'

const MAX_AGE_SECONDS = 600
const VALUE = /^[\w-]{43}$/

/**
 * The cookie that binds a sign-in at a provider to the browser that began it. One per flow, so that two tabs do not disturb each other.
 * `__Host-` keeps other hosts of the domain from planting one (RFC 6265bis, 4.1.3.2). `Lax` still travels with the provider's redirect;
 * a provider that posts its answer from its own site needs `None`.
 */
export class FlowCookie {
  readonly #secure: boolean

  constructor(publicUrl: string) {
    // Plain http is for development alone; browsers do not keep Secure cookies there.
    this.#secure = publicUrl.startsWith('https:')
  }

  set(reply: FastifyReply, state: string, value: string, crossSitePost: boolean): void {
    this.#write(reply, state, value, MAX_AGE_SECONDS, crossSitePost)
  }

  read(request: FastifyRequest, state: string): string | null {
    const name = this.#name(state)
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const at = pair.indexOf('=')
      if (at < 0 || pair.slice(0, at).trim() !== name) continue
      const value = pair.slice(at + 1).trim()
      return VALUE.test(value) ? value : null
    }
    return null
  }

  clear(reply: FastifyReply, state: string): void {
    this.#write(reply, state, '', 0, false)
  }

  #name(state: string): string {
    return `${this.#secure ? '__Host-' : ''}portico-flow-${digestToken(state).toString('base64url').slice(0, 12)}`
  }

  #write(reply: FastifyReply, state: string, value: string, maxAge: number, crossSitePost: boolean): void {
    const secure = this.#secure ? '; Secure' : ''
    const sameSite = crossSitePost && this.#secure ? 'None' : 'Lax'
    reply.header('set-cookie', `${this.#name(state)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly${secure}; SameSite=${sameSite}`)
  }
}
