import { HttpException } from '@nestjs/common'
import { AuthError, type ErrorCode, type FieldProblem } from '@portico/kernel/auth-error'
import { snakeCase } from '@portico/kernel/snake-case'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import './cors.js'
import './request-context.js'

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
  FST_ERR_VALIDATION: 'validation_error',
}

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'invalid_request',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'validation_error',
  429: 'rate_limited',
  503: 'unavailable',
}

/** The refusal that any thrown value stands for. What is not known to be the caller's doing is our bug: `internal_error`. */
export function toAuthError(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  const status = statusOf(error)
  const code = FASTIFY_CODES[textProperty(error, 'code')] ?? (status === null ? undefined : STATUS_CODES[status])
  return new AuthError(code ?? 'internal_error', { cause: error })
}

export interface ErrorBody {
  error: { code: ErrorCode; message: string; request_id: string; details?: { field: string; code: string; message: string }[] }
}

export function errorBody(error: AuthError, requestId: string): ErrorBody {
  const { code, message, details } = error
  return { error: { code, message, request_id: requestId, ...(details && { details: details.map(onWire) }) } }
}

/** Use cases name what they take as they know it: `redirectTo`. What is not known is named as it was sent. */
function onWire(problem: FieldProblem): FieldProblem {
  return problem.code === 'unknown_field' ? problem : { ...problem, field: snakeCase(problem.field) }
}

/** Answers a request with an error, and logs it when it is our bug. Nothing of the cause reaches the caller. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const error = toAuthError(thrown)
  request.errorCode = error.code
  if (error.status === 500) {
    logger.error({ request_id: request.id, route: request.routeOptions?.url ?? null, err: error.cause ?? error }, 'internal error')
  } else if (error.status === 503) {
    logger.warn({ request_id: request.id, code: error.code, cause: shortCause(error.cause) }, 'refused')
  }
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy()
    return
  }
  request.server.errorCors?.(request, reply)
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))))
  if (error.rateLimit) {
    reply.header('ratelimit-limit', String(error.rateLimit.limit))
    reply.header('ratelimit-remaining', String(error.rateLimit.remaining))
    reply.header('ratelimit-reset', String(error.rateLimit.resetSeconds))
  }
  if (error.status === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', bearerChallenge(error.code, request))
  reply.header('cache-control', 'no-store')
  const form = request.server.errorForm?.(request, error)
  if (form) {
    reply.code(form.status).type(form.type).send(form.body)
    return
  }
  reply.code(error.status).type('application/json; charset=utf-8').send(errorBody(error, request.id))
}

/** What says that the token was at fault, not the password or code beside it: only then is the client to get another token. */
const TOKEN_FAULTS: ReadonlySet<string> = new Set(['unauthenticated', 'invalid_token', 'session_ended'])
const BODY_TOKENS = ['token', 'access_token', 'refresh_token', 'mfa_token']

/** RFC 6750, 3: `invalid_token` where a token was sent and refused; no error code for a request without one. */
function bearerChallenge(code: string, request: Pick<FastifyRequest, 'headers' | 'body'>): string {
  return TOKEN_FAULTS.has(code) && carriesToken(request) ? 'Bearer error="invalid_token"' : 'Bearer'
}

function carriesToken({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): boolean {
  if (/^Bearer +\S/i.test(headers.authorization ?? '')) return true
  if (typeof body !== 'object' || body === null) return false
  const fields = body as Record<string, unknown>
  return BODY_TOKENS.some((name) => typeof fields[name] === 'string' && fields[name] !== '')
}

function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus()
  // Only Fastify's own errors may choose a status: a library error that happens to carry one is not an answer to our caller.
  if (error instanceof Error && error.name === 'FastifyError' && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode
  }
  return null
}

function textProperty(error: unknown, key: string): string {
  // Nest wraps Fastify's errors and keeps them as the cause.
  const source: unknown = error instanceof HttpException ? error.cause : error
  const value = (source as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'string' ? value : ''
}

function shortCause(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const code = (cause as { code?: unknown }).code
  return typeof code === 'string' ? `${cause.name} ${code}` : cause.name
}
