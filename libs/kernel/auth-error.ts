/**
 * The closed catalogue of refusals. `openapi/errors.md` documents every entry and a test holds the two together.
 * A code is wire contract: never rename or reuse one.
 */
export const ERROR_CATALOGUE = {
  invalid_json: { status: 400, message: 'The request body is not valid JSON.' },
  invalid_request: { status: 400, message: 'The request is malformed.' },
  invalid_or_expired_token: { status: 400, message: 'The token is invalid, was already used, or has expired.' },
  authorization_pending: { status: 400, message: 'Nobody has decided yet.' },
  slow_down: { status: 400, message: 'Ask less often.' },
  access_denied: { status: 400, message: 'The person at the console said no.' },
  expired_token: { status: 400, message: 'The code is over, unknown, or was used before. Begin anew.' },
  unauthenticated: { status: 401, message: 'Valid credentials are required.' },
  invalid_credentials: { status: 401, message: 'The email address or the password is wrong.' },
  invalid_token: { status: 401, message: 'The token is not valid.' },
  invalid_code: { status: 401, message: 'The code is wrong or was used before.' },
  passkey_refused: { status: 401, message: 'The passkey was not accepted.' },
  session_ended: { status: 401, message: 'The session has ended. Log in again.' },
  insufficient_scope: { status: 403, message: 'The API key lacks the scope that this call needs.' },
  forbidden: { status: 403, message: 'This is not allowed.' },
  email_not_confirmed: { status: 403, message: 'Confirm the email address first.' },
  auth_disabled: { status: 403, message: 'Auth is turned off for this project.' },
  signups_disabled: { status: 403, message: 'This project does not accept sign-ups.' },
  provider_not_enabled: { status: 403, message: 'This project has not turned this method on.' },
  origin_not_allowed: { status: 403, message: 'Requests from this origin are not allowed.' },
  mfa_not_enabled: { status: 403, message: 'This project has not turned second factors on.' },
  organizations_not_enabled: { status: 403, message: 'This project has not turned organizations on.' },
  managed_by_directory: { status: 403, message: 'The directory of the organization decides this. Ask its administrator.' },
  sso_required: { status: 403, message: 'Sign in with the single sign-on of your organization.' },
  second_factor_required: { status: 403, message: 'Prove a second factor again before doing this.' },
  reauthentication_required: { status: 403, message: 'Log in again before doing this.' },
  same_browser_required: { status: 403, message: 'Confirm with the password too, or with the code from the mail.' },
  captcha_failed: { status: 403, message: 'The captcha was not solved, or its token was used before.' },
  refused_by_app: { status: 403, message: 'The app does not allow this.' },
  session_limit_reached: { status: 403, message: 'Too many sessions are open. End one first.' },
  not_found: { status: 404, message: 'There is nothing here.' },
  auth_not_enabled: { status: 404, message: 'Auth is not enabled for this project.' },
  method_not_allowed: { status: 405, message: 'The method is not allowed here.' },
  conflict: { status: 409, message: 'This conflicts with something that already exists.' },
  last_owner: { status: 409, message: 'This is the last owner who can sign in. Make somebody else owner first.' },
  console_lockout: { status: 409, message: 'No owner could sign in to the console that way.' },
  identity_taken: { status: 409, message: 'This account of the provider belongs to another user.' },
  last_way_in: { status: 409, message: 'This is the only way to sign in that is left. Add another one first.' },
  passkeys_not_configured: { status: 409, message: 'Set rp_id or site_url before using passkeys.' },
  passkeys_stranded: { status: 409, message: 'People whose only way in is a passkey would be locked out.' },
  users_stranded: { status: 409, message: 'People would be locked out who have no other way in.' },
  last_admin: { status: 409, message: 'An organization keeps at least one admin. Make somebody else admin first.' },
  sso_lockout: { status: 409, message: 'Nobody has come in by this connection yet, so that everybody would be locked out.' },
  role_in_use: { status: 409, message: 'Somebody has this role. Give them another one first.' },
  rotation_in_progress: { status: 409, message: 'A key rotation is already under way.' },
  replay_in_progress: { status: 409, message: 'A replay for this endpoint is already running. See how far it is, or wait.' },
  idempotency_conflict: { status: 409, message: 'The Idempotency-Key was used for a different request.' },
  idempotency_in_progress: { status: 409, message: 'A request with this Idempotency-Key is still running.' },
  payload_too_large: { status: 413, message: 'The request body is too large.' },
  unsupported_media_type: { status: 415, message: 'Send the body as application/json.' },
  validation_error: { status: 422, message: 'Some fields are not valid.' },
  email_taken: { status: 422, message: 'An account with this email address already exists.' },
  email_domain_not_allowed: { status: 422, message: 'Addresses of this domain cannot sign up here.' },
  provider_test_failed: { status: 422, message: 'The provider refused the test call.' },
  mail_sender_refused: { status: 422, message: 'The mail sender did not pass its test.' },
  weak_password: { status: 422, message: 'Choose a different password.' },
  conflicting_settings: { status: 422, message: 'Two names of the same setting disagree.' },
  mixed_auth_pair: { status: 422, message: 'Set both AUTH_URL and AUTH_JWT_SECRET, or neither.' },
  rate_limited: { status: 429, message: 'Too many requests. Wait and try again.' },
  internal_error: { status: 500, message: 'Something went wrong on our side.' },
  overloaded: { status: 503, message: 'The service is busy. Try again shortly.' },
  unavailable: { status: 503, message: 'A part of the service is unavailable. Try again shortly.' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof ERROR_CATALOGUE

/** One refused field of a 422 answer: `field` is its wire name (dotted when nested), `code` a short stable reason. */
export interface FieldProblem {
  field: string
  code: string
  message: string
}

export interface AuthErrorOptions {
  /** For the log only, never for the caller. */
  cause?: unknown
  /**
   * Shown to the caller; must hold field names and reasons, never values; the one exception is the address that a refused one resembles.
   */
  details?: FieldProblem[]
  /** Replaces the catalogue's sentence; must not hold a value the caller sent or a secret. */
  message?: string
  /** Seconds for `Retry-After`; only for 429 and 503. */
  retryAfterSeconds?: number
  /** `RateLimit-*` figures of a 429. */
  rateLimit?: { limit: number; remaining: number; resetSeconds: number }
}

/** The one error type of the product. The code is the message to the caller; the cause is for the log. */
export class AuthError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly details: FieldProblem[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly rateLimit: AuthErrorOptions['rateLimit']

  constructor(code: ErrorCode, options: AuthErrorOptions = {}) {
    // Where an expected refusal was made is not logged; finding it out took a twelfth of a refused request.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(options.message ?? ERROR_CATALOGUE[code].message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'AuthError'
    this.code = code
    this.status = ERROR_CATALOGUE[code].status
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.status === 503 ? 1 : undefined)
    this.rateLimit = options.rateLimit
  }
}

/** A 422 `validation_error` about one field. */
export function invalidField(field: string, code: string, message: string): AuthError {
  return new AuthError('validation_error', { details: [{ field, code, message }] })
}
