import type { ErrorCode } from './generated.js'

/** Codes of this library, for failures in which the server had no say. */
export type LocalErrorCode =
  | 'network_error'
  | 'timeout'
  | 'invalid_response'
  | 'not_signed_in'
  /** The code of a redirect that this browser did not ask for, or asked for too long ago. */
  | 'flow_not_found'
  /** The person said no to the passkey, or another question took its place. */
  | 'passkey_cancelled'
  /** The device has a passkey of this account already. */
  | 'passkey_exists'
  /** No WebAuthn here, or not for this page. */
  | 'passkeys_unsupported'

/** A code of the server's closed catalogue (openapi/errors.md), or one of ours. Newer servers may send codes this version does not know. */
export type PorticoAuthErrorCode = ErrorCode | LocalErrorCode | (string & {})

/** One refused field of a `validation_error`; `field` is the name on the wire. */
export interface FieldProblem {
  field: string
  code: string
  message: string
}

export interface PorticoAuthErrorInit {
  code: PorticoAuthErrorCode
  message: string
  status?: number
  requestId?: string | null
  details?: FieldProblem[]
  retryAfterSeconds?: number | null
  cause?: unknown
}

/** Every failed call throws this. `message` may be shown to the person: it names no secret and no value. */
export class PorticoAuthError extends Error {
  override readonly name = 'PorticoAuthError'
  declare readonly code: PorticoAuthErrorCode
  /** The HTTP status; 0 when there was no answer. */
  declare readonly status: number
  declare readonly requestId: string | null
  declare readonly details: FieldProblem[]
  /** How long the server asked to wait, in seconds. */
  declare readonly retryAfterSeconds: number | null

  constructor({ message, cause, ...known }: PorticoAuthErrorInit) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { status: 0, requestId: null, details: [], retryAfterSeconds: null, ...known })
  }
}

/** Narrows `error`, and to one `code` when given. By name rather than class, so that two copies of this package in one page agree. */
export function isPorticoAuthError<Code extends PorticoAuthErrorCode>(
  error: unknown,
  code?: Code,
): error is PorticoAuthError & { code: Code } {
  return error instanceof Error && error.name === 'PorticoAuthError' && (code === undefined || (error as PorticoAuthError).code === code)
}
