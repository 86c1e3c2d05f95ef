import { isIPv4 } from 'node:net'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'

const DEVELOPMENT_ROUTE = /^\/(?:dev|__test)(?:\/|$)/

/**
 * Whether a `Host` header names this machine to itself: `localhost`, a name below it (RFC 6761, 6.3), 127.0.0.0/8 or [::1], at any port.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const [, name] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/.exec(host ?? '') ?? []
  if (name === undefined) return false
  const hostname = name.toLowerCase().replace(/\.$/, '')
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true
  return hostname === '[::1]' || hostname === '[0:0:0:0:0:0:0:1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}

/**
 * Routes for development show mails and move the clock for every client. They listen on loopback, but a page on the internet whose name is
 * made to resolve to 127.0.0.1 is same-origin with them (DNS rebinding); the name in its requests gives it away.
 */
export function guardDevelopmentRoutes(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (!DEVELOPMENT_ROUTE.test(route.url)) return
    const others = route.onRequest === undefined ? [] : [route.onRequest].flat()
    route.onRequest = [
      (request, _reply, done) =>
        done(isLoopbackHost(request.headers.host) ? undefined : (new AuthError('forbidden', { message: FOREIGN_NAME }) as Error)),
      ...others,
    ]
  })
}

const FOREIGN_NAME = 'This is for development, and answered under a loopback name alone: localhost, 127.0.0.1 or [::1].'
