import { AuthError, type ErrorCode } from '@portico/kernel/auth-error'
import { ScimProblem, type ScimType } from '@portico/scim/scim-problem'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ROUTE_PREFIX } from '../../project/project-base.js'

export const SCIM_TYPE = 'application/scim+json; charset=utf-8'
export const SCIM_PATH = '/scim/v2'
const ERROR_URN = 'urn:ietf:params:scim:api:messages:2.0:Error'
/** Of SCIM, and not of this service (RFC 7644, 3.7 and 3.11): a token of a directory is nobody's. */
const NOT_IMPLEMENTED = /^\/auth\/scim\/v2\/(?:Me|Bulk)(?:[/?]|$)/

const TYPES: Partial<Record<ErrorCode, ScimType>> = {
  invalid_json: 'invalidSyntax',
  invalid_request: 'invalidSyntax',
  validation_error: 'invalidValue',
  email_taken: 'uniqueness',
  conflict: 'uniqueness',
}

/** What the log calls it. */
export const CODES: Record<ScimProblem['status'], ErrorCode> = {
  400: 'invalid_request',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'conflict',
}

/** RFC 7644, 3.12: the status is a string. */
export function errorBody(status: number, scimType: ScimType | null, detail: string): string {
  return JSON.stringify({ schemas: [ERROR_URN], status: String(status), ...(scimType && { scimType }), detail })
}

/** Every refusal below the base of a directory is one of SCIM: those of hooks, of the router, and of addresses that nothing answers. */
export function answerInScim(server: FastifyInstance): void {
  server.decorate('errorForm', (request: FastifyRequest, error: AuthError) => {
    if (!isScim(request)) return null
    const { status, scimType, detail } = describe(error, request)
    return { status, type: SCIM_TYPE, body: errorBody(status, scimType, detail) }
  })
}

export function describe(
  error: ScimProblem | AuthError,
  request: FastifyRequest,
): { status: number; scimType: ScimType | null; detail: string } {
  if (error instanceof ScimProblem) return { status: error.status, scimType: error.scimType, detail: error.message }
  // Where nothing answers, nobody reads a body either, whatever it is written in.
  const unread = request.is404 && error.status === 415
  if ((unread || error.code === 'not_found') && NOT_IMPLEMENTED.test(request.raw.url ?? '')) {
    return { status: 501, scimType: null, detail: 'This is not supported.' }
  }
  if (unread) return { status: 404, scimType: null, detail: new AuthError('not_found').message }
  const scimType = TYPES[error.code] ?? null
  const detail = [error.message, ...(error.details ?? []).map(({ field, message }) => `${field}: ${message}`)].join(' ')
  // SCIM knows 400 for what cannot be read, and 409 for what is taken.
  const status = error.status === 422 ? (scimType === 'uniqueness' ? 409 : 400) : error.status
  return { status, scimType, detail }
}

function isScim(request: FastifyRequest): boolean {
  return (request.raw.url ?? '').startsWith(`${ROUTE_PREFIX}${SCIM_PATH}`)
}
