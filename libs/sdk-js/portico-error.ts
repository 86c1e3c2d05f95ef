import type { ErrorCode } from './generated.js'

/** Codes of this library, for failures in which the server had no say. */
export type LocalErrorCode = 'network_error' | 'timeout' | 'invalid_response'

/** A code of the API's closed catalogue (openapi/errors.md), or one of ours. Newer servers may send codes this version does not know. */
export type PorticoErrorCode = ErrorCode | LocalErrorCode | (string & {})

/** One refused field of a `validation_error`; `field` is the name on the wire, snake_case and dotted when nested. */
export interface FieldProblem {
  field: string
  code: string
  message: string
}

export interface PorticoErrorInit {
  code: PorticoErrorCode
  message: string
  status?: number
  requestId?: string | null
  details?: FieldProblem[]
  retryAfterSeconds?: number | null
  cause?: unknown
}

/** Every failed call throws this, except one that was aborted: that throws the signal's reason. */
export class PorticoError extends Error {
  override readonly name = 'PorticoError'
  readonly code: PorticoErrorCode
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Names the request in the server's logs: quote it to support. */
  readonly requestId: string | null
  readonly details: FieldProblem[]
  /** How long the server asked to wait, in seconds. */
  readonly retryAfterSeconds: number | null

  constructor(init: PorticoErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = init.code
    this.status = init.status ?? 0
    this.requestId = init.requestId ?? null
    this.details = init.details ?? []
    this.retryAfterSeconds = init.retryAfterSeconds ?? null
  }
}

/** Narrows `error`, and to one `code` when given. By name rather than class, so that two copies of this package in one program agree. */
export function isPorticoError<Code extends PorticoErrorCode>(error: unknown, code?: Code): error is PorticoError & { code: Code } {
  return error instanceof Error && error.name === 'PorticoError' && (code === undefined || (error as PorticoError).code === code)
}
