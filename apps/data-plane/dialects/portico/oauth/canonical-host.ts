import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import { hostnameOf, isLocalOrAddress, readHost } from '@portico/http/request-host'
import type { FastifyRequest } from 'fastify'
import { projectBaseOf, ROUTE_PREFIX } from '../../../project/project-base.js'

/**
 * A provider sends the browser back to one registered address, and the cookie that binds the flow must wait there. So a flow that begins on
 * a custom domain first moves to the address that providers know.
 */
export class CanonicalHost {
  readonly #hostname: string

  constructor(
    private readonly urls: AuthUrls,
    publicUrl: string,
  ) {
    this.#hostname = hostnameOf(publicUrl)
  }

  /** Where the request should have gone, its path and query as they were sent; `null` when it is there. */
  elsewhere(request: FastifyRequest, project: ProjectRecord): string | null {
    const hostname = readHost(request.headers.host)?.hostname ?? ''
    const moved = projectBaseOf(request.raw)?.kind === 'host' || (hostname !== this.#hostname && !isLocalOrAddress(hostname))
    if (!moved) return null
    return `${this.urls.home(project)}${(request.raw.url ?? '').slice(ROUTE_PREFIX.length)}`
  }
}
