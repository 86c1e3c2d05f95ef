/** Why a token was not accepted. `reason` is for your log; tell the caller no more than the code. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  /** 401 `invalid_token`: the token is no good. 503 `unavailable`: the key set could not be fetched, so the token could not be checked. */
  readonly code: 'invalid_token' | 'unavailable'
  readonly status: 401 | 503
  readonly reason: string

  constructor(code: 'invalid_token' | 'unavailable', reason: string, cause?: unknown) {
    super(
      code === 'invalid_token' ? 'The token is not valid.' : 'The token cannot be checked right now.',
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.status = code === 'invalid_token' ? 401 : 503
    this.reason = reason
  }
}

export const invalidToken = (reason: string, cause?: unknown) => new TokenError('invalid_token', reason, cause)
