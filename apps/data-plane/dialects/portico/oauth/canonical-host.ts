import { isIP } from 'node:net'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import type { FastifyRequest } from 'fastify'
import { projectBaseOf } from '../../../project/project-base.js'

/**
 * A provider sends the browser back to one registered address, and the cookie that binds the flow must wait there. So a flow that begins on a
 * custom domain first moves to the address that providers know.
 */
export class CanonicalHost {
  readonly #hostname: string

  constructor(
    private readonly urls: AuthUrls,
    publicUrl: string,
  ) {
    this.#hostname = new URL(publicUrl).hostname
  }

  /** Where the request should have gone, with its query; `null` when it is there. */
  elsewhere(request: FastifyRequest, project: ProjectRecord, path: string): string | null {
    const hostname = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const moved = projectBaseOf(request.raw)?.kind === 'host' || (hostname !== this.#hostname && hostname !== 'localhost' && isIP(hostname) === 0)
    if (!moved) return null
    const [, query] = (request.raw.url ?? '').split('?', 2)
    return `${this.urls.issuer(project)}${path}${query === undefined ? '' : `?${query}`}`
  }
}
