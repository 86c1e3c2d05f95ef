import { constantTimeEqual } from '@portico/crypto/constant-time'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { readHost } from '@portico/http/request-host'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export const TLS_ASK_PATH = '/internal/tls-ask'

/**
 * What the proxy in front asks before it fetches a certificate for a host name (Caddy: `on_demand_tls`). Yes for a proved domain of a
 * project that serves; else anybody's name that leads here would cost a certificate, and the authority's limits are per week.
 * Answered on this machine, or to who brings the secret: it tells which domains are ours.
 */
export function registerTlsAsk(
  server: FastifyInstance,
  { directory, secret }: { directory: ProjectDirectory; secret: string | null },
): void {
  server.get<{ Querystring: { domain?: unknown; secret?: unknown } }>(
    TLS_ASK_PATH,
    { config: { access: 'public', quiet: true } },
    async (request) => {
      const { domain, secret: brought } = request.query
      const knows = secret !== null && typeof brought === 'string' && constantTimeEqual(brought, secret)
      if (!knows && !isFromThisMachine(request)) throw new AuthError('not_found')
      const host = typeof domain === 'string' ? readHost(domain) : null
      const project = host === null || host.port !== null ? null : await directory.resolveHost(host.hostname)
      if (!project?.enabled || project.archived) throw new AuthError('not_found')
      return { domain: host?.hostname }
    },
  )
}

/** A proxy on this machine brings strangers, and says so. */
function isFromThisMachine({ raw, headers }: FastifyRequest): boolean {
  const peer = raw.socket.remoteAddress ?? ''
  const loopback = peer === '::1' || /^(?:::ffff:)?127\./.test(peer)
  return loopback && ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'].every((name) => headers[name] === undefined)
}
