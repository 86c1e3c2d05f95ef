import { DEVICE_SECONDS, MAX_DEVICE_TOKEN } from '@portico/end-user/abuse/device-token'
import type { ProjectRecord } from '@portico/database/project-directory'
import { projectBaseOf } from './project-base.js'
import type { HttpExchange } from './project-routes.js'

const NAME = 'portico-device'

/**
 * What tells a browser that has signed in here before from a stranger (`abuse/device-token`), kept to the project by its path or its host.
 * It opens nothing, so a form of another site that brings it along gains nothing; `SameSite` follows the cookie of refresh tokens.
 */
export class DeviceCookie {
  readonly #secure: boolean

  constructor(publicUrl: string) {
    // Plain http is for development alone; browsers do not keep Secure cookies there.
    this.#secure = publicUrl.startsWith('https:')
  }

  read(request: HttpExchange['request']): string | undefined {
    const wanted = this.#name(request)
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const at = pair.indexOf('=')
      if (at > 0 && pair.slice(0, at).trim() === wanted) return pair.slice(at + 1, at + 2 + MAX_DEVICE_TOKEN).trim() || undefined
    }
    return undefined
  }

  keep({ request, reply }: HttpExchange, project: ProjectRecord, token: string): void {
    const base = projectBaseOf(request.raw)
    const path = base?.kind === 'id' ? base.path : '/'
    const sameSite = this.#secure && project.settings.allowed_origins.length > 0 ? 'None' : 'Lax'
    const secure = this.#secure ? '; Secure' : ''
    reply.header(
      'set-cookie', `${this.#name(request)}=${token}; Path=${path}; Max-Age=${DEVICE_SECONDS}; HttpOnly${secure}; SameSite=${sameSite}`,
    )
  }

  #name(request: HttpExchange['request']): string {
    if (!this.#secure) return NAME
    return `${projectBaseOf(request.raw)?.kind === 'id' ? '__Secure-' : '__Host-'}${NAME}`
  }
}
