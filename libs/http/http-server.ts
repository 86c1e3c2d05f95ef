import { isUtf8 } from 'node:buffer'
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { AuthError, type ErrorCode } from '@portico/kernel/auth-error'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { tracing } from '@portico/kernel/tracing'
import { fastify, type FastifyHttpOptions, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { ClientAddresses } from './client-addresses.js'
import { answerError, errorBody, toAuthError } from './error-answer.js'
import { formFields } from './form-fields.js'
import { guardDevelopmentRoutes } from './loopback-host.js'
import { RequestClient } from './request-client.js'
import './request-context.js'
import { logRequests } from './request-log.js'
import { allowedMethods, recordRoutes } from './route-table.js'
import { createServerState } from './server-state.js'
import { traceRequests } from './trace-requests.js'

export interface HttpServerOptions {
  logger: Logger
  entropy?: Entropy
  /** Largest body, in bytes (65,536). */
  bodyLimit?: number
  /** How many proxies in front may be believed for the client address (0: none, the socket's peer is the client). */
  trustedProxyHops?: number
  /**
   * Requests in work at once; one more is answered 503 `overloaded` (1,000). Those whose body is still coming do not count, or slow clients
   * would keep all others out; of them four times as many may be.
   */
  maxInFlight?: number
  /** Open sockets (10,000); further ones are dropped. */
  maxConnections?: number
  /** Time for a client to send its whole request, in milliseconds (15,000). */
  requestTimeoutMs?: number
  /** How long an idle keep-alive connection is kept, in milliseconds (65,000: longer than usual load balancers keep theirs). */
  keepAliveTimeoutMs?: number
  /** Longest path parameter (200 characters); a longer one is an unknown path. */
  maxParamLength?: number
  /** Maps the request target to the one that is routed. Access rules belong to routes, so this cannot get round them. */
  rewriteUrl?: (request: IncomingMessage) => string
}

/** On every answer; an HTML page replaces the content policy by its own. */
const BASE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const REQUEST_ID = /^[\w.-]{8,128}$/
/** In the log and the metrics only: the client had disconnected. */
const CLIENT_GONE = 499
const MAX_HEADER_BYTES = 16 * 1024
/** With the largest body each, 256 MB for a thousand requests in work. */
const READING_PER_WORKING = 4

/** Fastify as every process of the product wants it: ids, limits, headers, the error catalogue and the request log. No routes. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { logger } = options
  const entropy = options.entropy ?? systemEntropy
  const hops = options.trustedProxyHops ?? 0
  const maxInFlight = options.maxInFlight ?? 1_000
  const requestTimeout = options.requestTimeoutMs ?? 15_000

  const settings: FastifyHttpOptions<Server> = {
    logger: false,
    bodyLimit: options.bodyLimit ?? 65_536,
    // Fastify's own reading of X-Forwarded-* stays off: it would let a peer choose host and scheme too (see client-address.ts).
    trustProxy: false,
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers['x-request-id'], entropy),
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: {
      caseSensitive: true,
      ignoreDuplicateSlashes: false,
      ignoreTrailingSlash: false,
      maxParamLength: options.maxParamLength ?? 200,
    },
    ...(options.rewriteUrl && { rewriteUrl: options.rewriteUrl as (request: unknown) => string }),
    exposeHeadRoutes: true,
    // While stopping, requests on connections that are still open are answered, with `Connection: close`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
    http: {
      headersTimeout: Math.min(requestTimeout, 10_000),
      connectionsCheckingInterval: Math.min(requestTimeout, 2_000),
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    frameworkErrors: (error, request, reply) => answerWithoutRoute(error, request as FastifyRequest, reply as FastifyReply, logger),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket, entropy),
  }
  const server: FastifyInstance = fastify(settings)
  const state = createServerState(server, maxInFlight)
  server.server.maxConnections = options.maxConnections ?? 10_000

  server.decorateRequest('project', null)
  server.decorateRequest('session', null)
  server.decorateRequest('principal', null)
  server.decorateRequest('errorCode', null)
  server.decorateRequest('leaving', null)
  server.decorateRequest('span', null)
  server.decorateRequest('corsDecided', false)
  server.decorateRequest('reading', false)
  server.decorateRequest('countedFor', null)
  server.decorateRequest('vouchedAddress', null)
  const addresses = new ClientAddresses(hops, logger)
  server.decorateRequest('clientInfo', function clientInfo(this: FastifyRequest) {
    return new RequestClient(this, this.vouchedAddress ?? addresses.of(this.socket.remoteAddress, this.headers['x-forwarded-for']))
  })

  const isOverloaded = () => state.inFlight - state.reading > maxInFlight || state.reading > READING_PER_WORKING * maxInFlight
  const bodyIsHere = (request: FastifyRequest): void => {
    if (!request.reading) return
    request.reading = false
    state.reading -= 1
  }

  recordRoutes(server)
  guardDevelopmentRoutes(server)
  server.addHook('onRequest', (request, reply, done) => {
    state.inFlight += 1
    if (awaitsBody(request.raw)) {
      request.reading = true
      state.reading += 1
    }
    // Not reply.elapsedTime: Fastify takes the time only for servers with its own logger.
    const startedAt = performance.now()
    // Fastify's onResponse does not run when the client went away; `close` always comes, and once.
    // `on`: a once would only take itself off again from a response that is over.
    reply.raw.on('close', () => {
      state.inFlight -= 1
      bodyIsHere(request)
      const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_GONE
      if (status === CLIENT_GONE) request.leaving?.abort()
      const elapsedMs = performance.now() - startedAt
      for (const observe of state.observers) observe(request, status, elapsedMs)
    })
    reply.headers(BASE_HEADERS)
    reply.header('x-request-id', request.id)
    if (state.stopping) reply.header('connection', 'close')
    if (isOverloaded() && !request.routeOptions.config.quiet) {
      done(new AuthError('overloaded') as Error)
      return
    }
    // Postgres cannot store U+0000: a path or query that holds one can name nothing of ours.
    done(request.raw.url?.includes('%00') ? new AuthError('invalid_request') : undefined)
  })
  state.observers.push(logRequests(logger))
  const traces = tracing()
  if (traces !== null) traceRequests(server, traces, state)

  server.removeAllContentTypeParsers()
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser(['application/json', 'application/scim+json'], { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    bodyIsHere(request)
    // Only identity providers speak so, to the routes made for them (RFC 7644, 3.1).
    if (/^application\/scim\+json/i.test(request.headers['content-type'] ?? '') && !request.routeOptions.config.acceptsScim) {
      return done(new AuthError('unsupported_media_type') as Error)
    }
    if (isOverloaded()) return done(new AuthError('overloaded') as Error)
    // Many clients always declare JSON, also on calls that need no body.
    if (bytes.length === 0) return done(null, {})
    const text = bytes.toString('utf8')
    // A text without replacement characters was UTF-8 from the start; one with them may have been, and is looked at again.
    if (text.includes('\uFFFD') && !isUtf8(bytes)) return done(new AuthError('invalid_json') as Error)
    return parseJson(request, text, done)
  })
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    bodyIsHere(request)
    if (isOverloaded()) return done(new AuthError('overloaded') as Error)
    // A form needs no preflight, so only routes made for our own pages take one.
    if (!request.routeOptions.config.acceptsForm) return done(new AuthError('unsupported_media_type') as Error)
    return done(null, formFields(body as Buffer))
  })

  server.setErrorHandler((error, request, reply) => answerError(error, request, reply, logger))
  server.setNotFoundHandler((request, reply) => answerUnrouted(server, request, reply, logger))
  return server
}

/**
 * Whether Fastify will read a body before the handler. It never does for GET and HEAD: one that announces a body is in work from the start.
 */
function awaitsBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const length = headers['content-length']
  return length === undefined ? headers['transfer-encoding'] !== undefined : length !== '0'
}

function requestId(header: string | string[] | undefined, entropy: Entropy): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : entropy.uuid()
}

/** Unknown path, wrong method, or a plain OPTIONS. */
function answerUnrouted(server: FastifyInstance, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const methods = allowedMethods(server, request.raw.url ?? '/')
  if (methods.length === 0 || methods.includes(request.method)) return answerError(new AuthError('not_found'), request, reply, logger)
  reply.header('allow', [...methods, 'OPTIONS'].join(', '))
  if (request.method === 'OPTIONS') {
    reply.code(204).send()
    return
  }
  answerError(new AuthError('method_not_allowed'), request, reply, logger)
}

/** An answer that says nothing but that the request was no request: any page may read it. */
const PUBLIC_CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x-request-id', vary: 'origin' }

/** The router refused the target before any hook ran. */
function answerWithoutRoute(error: Error, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const refusal = toAuthError(error)
  const body = JSON.stringify(errorBody(refusal, request.id))
  reply.raw.writeHead(refusal.status, {
    ...BASE_HEADERS,
    'x-request-id': request.id,
    ...PUBLIC_CORS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  reply.raw.end(request.method === 'HEAD' ? undefined : body)
  const { status, code } = refusal
  logger.info({ request_id: request.id, method: request.method, route: null, status, code, duration_ms: 0 }, 'request')
}

/** Node could not read an HTTP request from the socket: there is no request object, only bytes to write. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, entropy: Entropy): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable && socket.bytesWritten === 0) {
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
    const id = entropy.uuid()
    const code: ErrorCode = 'invalid_request'
    const body = JSON.stringify(errorBody(new AuthError(code), id))
    const headers = { ...BASE_HEADERS, ...PUBLIC_CORS, 'x-request-id': id, 'content-type': 'application/json; charset=utf-8' }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroy()
}

