/** What a shell script may branch on. `portico run` answers the exit code of its command instead. */
export const EXIT = { ok: 0, user: 1, network: 2, auth: 3, server: 4 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The one error shape of `--json`. `code` is stable; `message` is for people. */
export interface ErrorAnswer {
  error: { code: string; message: string; request_id: string | null; details?: unknown }
}

export class CliError extends Error {
  readonly code: string
  readonly exitCode: number
  readonly requestId: string | null
  readonly details: unknown

  constructor(
    code: string,
    message: string,
    options: { exitCode?: number; requestId?: string | null; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CliError'
    this.code = code
    this.exitCode = options.exitCode ?? EXIT.user
    this.requestId = options.requestId ?? null
    this.details = options.details
  }

  toAnswer(): ErrorAnswer {
    const answer: ErrorAnswer = { error: { code: this.code, message: this.message, request_id: this.requestId } }
    if (this.details !== undefined) answer.error.details = this.details
    return answer
  }
}

/** 429 and 5xx are the server's: waiting helps. Every other refusal needs the caller to change something. */
export function exitCodeForStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.auth
  if (status === 429 || status >= 500) return EXIT.server
  return EXIT.user
}

interface ApiErrorLike {
  code?: unknown
  status?: unknown
  requestId?: unknown
  details?: unknown
  message: string
}

/** Every failure becomes one CliError: the platform's refusal, a lost connection, or a bug of ours. */
export function toCliError(error: unknown, where = 'the control plane'): CliError {
  if (error instanceof CliError) return error
  if (!(error instanceof Error)) return new CliError('internal_error', String(error), { exitCode: EXIT.server })
  const { code, status, requestId, details } = error as ApiErrorLike
  if (typeof status === 'number' && status >= 400) {
    return new CliError(typeof code === 'string' ? code : 'unexpected_answer', error.message, {
      exitCode: exitCodeForStatus(status),
      requestId: typeof requestId === 'string' ? requestId : null,
      ...(Array.isArray(details) && details.length > 0 ? { details } : {}),
      cause: error,
    })
  }
  // The SDK's failures without an answer have the status 0.
  if (status === 0 || isNetworkFailure(error)) {
    const timedOut = code === 'timeout' || error.name === 'TimeoutError'
    const message = timedOut ? `${where} did not answer in time.` : `${where} could not be reached: ${reason(error)}.`
    return new CliError(timedOut ? 'timeout' : 'network_error', capitalise(message), { exitCode: EXIT.network, cause: error })
  }
  return new CliError('internal_error', error.message, { exitCode: EXIT.server, cause: error })
}

function isNetworkFailure(error: Error): boolean {
  if (/^(AbortError|TimeoutError)$/.test(error.name)) return true
  if (error instanceof TypeError && /fetch failed/i.test(error.message)) return true
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|UND_ERR)/.test(code)
}

function capitalise(text: string): string {
  return text.replace(/^the /, 'The ')
}

/** Node hides the useful part ("connect ECONNREFUSED 127.0.0.1:4000") in a chain of causes. */
function reason(error: Error): string {
  let innermost: unknown = error
  for (let depth = 0; depth < 5 && innermost instanceof Error && innermost.cause !== undefined; depth++) innermost = innermost.cause
  if (innermost instanceof AggregateError && innermost.errors[0] instanceof Error) return innermost.errors[0].message
  return innermost instanceof Error ? innermost.message || innermost.name : String(innermost)
}
