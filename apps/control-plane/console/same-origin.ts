import { isLoopbackHost } from '@portico/http/loopback-host'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyRequest } from 'fastify'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What a browser sends by itself (a cookie, or nothing at all in mode `open`) proves no intention: another site may have made it send the
 * request. A request that changes something must come from a page of the console, by its `Origin`; where the browser says by
 * `Sec-Fetch-Site` (W3C Fetch Metadata) that the request came from elsewhere, it is refused whatever it asks.
 */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string, development: boolean): void {
  const site = request.headers['sec-fetch-site']
  // `none`: typed into the address bar.
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && SAFE.has(request.method))) throw foreign('another site')
  if (SAFE.has(request.method)) return
  const { origin } = request.headers
  if (origin === undefined) throw foreign('nowhere: send `Origin`, or an API key')
  if (origin !== new URL(publicUrl).origin && !(development && isOwnLoopback(origin, request.headers.host))) throw foreign('another site')
}

/** In development the same port has several names: localhost, 127.0.0.1, [::1]. The name of the page must be the one that is asked. */
function isOwnLoopback(origin: string, host: string | undefined): boolean {
  return isLoopbackHost(host) && origin.toLowerCase() === `http://${host}`.toLowerCase()
}

function foreign(whence: string): AuthError {
  return new AuthError('origin_not_allowed', { message: `The request comes from ${whence}.` })
}
