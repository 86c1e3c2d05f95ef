import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { endAfter } from './hook-end.js'

export interface CorsPolicy {
  /** Exact origins (`https://app.example`); empty allows any origin, without credentials. */
  allowedOrigins: readonly string[]
  /** Whether cookies may be sent; only ever with a list of origins. */
  credentials?: boolean
}

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS = ['authorization', 'content-type', 'idempotency-key', 'x-request-id']
const EXPOSED_HEADERS =
  'mail-request-id, x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, etag, www-authenticate, allow, date'
const MAX_REQUEST_HEADERS = 50
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/
// A browser must not hold the key of a server, and only a server says who calls.
const SERVER_HEADERS = new Set(['x-portico-key', 'x-portico-client-address'])
const PREFLIGHT_SECONDS = '600'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the CORS headers of its answer were decided, one way or the other. */
    corsDecided: boolean
  }

  interface FastifyInstance {
    /** For an error that came before anybody decided. */
    errorCors?: (request: FastifyRequest, reply: FastifyReply) => void
  }
}

function isPreflight(request: FastifyRequest): boolean {
  const { origin, 'access-control-request-method': method } = request.headers
  return request.method === 'OPTIONS' && origin !== undefined && method !== undefined
}

/**
 * Sets the CORS headers of an answer, errors included when it runs in `onRequest`. `refused` means that the browser named an origin
 * that is not allowed: it will keep the answer from the page, and the caller may refuse the request (`origin_not_allowed`).
 */
function applyCors(
  request: FastifyRequest,
  reply: FastifyReply,
  allowedOrigins: readonly string[],
  options: { credentials?: boolean } = {},
): 'no_origin' | 'allowed' | 'refused' {
  const { origin } = request.headers
  request.corsDecided = true
  // Also without an Origin: a shared cache must not hand that answer to a page.
  addVary(reply, 'origin')
  if (origin === undefined) return 'no_origin'
  if (allowedOrigins.length === 0) {
    reply.header('access-control-allow-origin', '*')
  } else {
    if (!allowedOrigins.includes(origin)) return 'refused'
    reply.header('access-control-allow-origin', origin)
    if (options.credentials) reply.header('access-control-allow-credentials', 'true')
  }
  if (isPreflight(request)) {
    addVary(reply, 'access-control-request-method')
    reply.header('access-control-allow-methods', METHODS)
    addVary(reply, 'access-control-request-headers')
    reply.header('access-control-allow-headers', allowedHeaders(request.headers['access-control-request-headers']))
    reply.header('access-control-max-age', PREFLIGHT_SECONDS)
  } else {
    reply.header('access-control-expose-headers', EXPOSED_HEADERS)
  }
  return 'allowed'
}

/** Whatever a page wants to send: tracing adds headers that are unknown here. Bounded, since the list is the caller's. */
function allowedHeaders(requested: string | undefined): string {
  const names = (requested ?? '').toLowerCase().split(',', MAX_REQUEST_HEADERS).map((name) => name.trim())
  return [...new Set([...REQUEST_HEADERS, ...names.filter((name) => HEADER_NAME.test(name) && !SERVER_HEADERS.has(name))])].join(', ')
}

/**
 * Answers preflights and marks every other answer. `policy` tells whose rules apply (`null`: none, no headers); it may read
 * `request.params`, and for a preflight only `request.url`, since no route is matched. It must not throw for unknown projects.
 * `onError` is asked for refusals that came earlier (overload, a lost database): a page that cannot read them cannot wait and try again.
 */
export function registerCors(
  server: FastifyInstance,
  policy: (request: FastifyRequest) => CorsPolicy | null | Promise<CorsPolicy | null>,
  onError: (request: FastifyRequest) => CorsPolicy | null = () => null,
): void {
  server.decorate('errorCors', (request: FastifyRequest, reply: FastifyReply) => {
    const rules = request.corsDecided ? null : onError(request)
    if (rules) applyCors(request, reply, rules.allowedOrigins, { credentials: rules.credentials ?? false })
  })
  const apply = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const rules = await policy(request)
    if (!rules) return
    applyCors(request, reply, rules.allowedOrigins, { credentials: rules.credentials ?? false })
    // Answered here; a reply that is sent ends the hooks.
    if (isPreflight(request)) await reply.code(204).send()
  }
  server.addHook('onRequest', (request, reply, done) => {
    if (request.headers.origin === undefined) {
      // Nothing before this sets it.
      reply.header('vary', 'origin')
      return done()
    }
    endAfter(apply(request, reply), done)
  })
}

function addVary(reply: FastifyReply, field: string): void {
  const vary = reply.getHeader('vary')
  if (vary === undefined) reply.header('vary', field)
  else if (!String(vary).split(', ').includes(field)) reply.header('vary', `${String(vary)}, ${field}`)
}
