import { retryAfterSeconds } from './backoff.js'
import { camelKeys, snakeKeys } from './key-case.js'
import { type FieldProblem, PorticoAuthError } from './portico-auth-error.js'

export interface AuthCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Under `AUTH_URL`, with its leading slash. */
  path: string
  /** Keys in camelCase. */
  body?: object
  /** Where this call has less time than others. */
  timeoutMs?: number
  /** Lets the request outlive the page that sent it. */
  keepalive?: boolean
}

/** One try of one call to the data plane. */
export class Connection {
  constructor(
    readonly url: string,
    readonly credentials: 'omit' | 'include',
    private readonly timeoutMs: number,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  /** The answer with keys in camelCase. Throws PorticoAuthError. */
  async send<T>(call: AuthCall, accessToken?: string): Promise<T> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), Math.min(call.timeoutMs ?? Infinity, this.timeoutMs))
    try {
      const response = await this.fetch(this.url + call.path, {
        method: call.method,
        headers: {
          Accept: 'application/json',
          ...(call.body && { 'Content-Type': 'application/json' }),
          ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
        },
        ...(call.body && { body: JSON.stringify(snakeKeys(call.body)) }),
        credentials: this.credentials,
        cache: 'no-store',
        redirect: 'manual',
        ...(call.keepalive && { keepalive: true }),
        signal: controller.signal,
      })
      return read<T>(response, await response.text())
    } catch (cause) {
      if (cause instanceof PorticoAuthError) throw cause
      if (controller.signal.aborted) throw new PorticoAuthError({ code: 'timeout', message: 'The server did not answer in time.', cause })
      throw new PorticoAuthError({ code: 'network_error', message: 'The server did not answer.', cause })
    } finally {
      clearTimeout(timer)
    }
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; requestId?: string; details?: FieldProblem[] }
}

function read<T>(response: Response, text: string): T {
  const { status, headers } = response
  let body: unknown
  try {
    body = camelKeys(JSON.parse(text))
  } catch {
    // Something between us and the server answered; the status still tells.
  }
  if (response.ok && body !== undefined) return body as T
  const error = (body as ErrorBody | undefined)?.error
  throw new PorticoAuthError({
    code: error?.code ?? 'invalid_response',
    message: error?.message ?? `The server answered ${status}.`,
    status,
    requestId: error?.requestId ?? headers.get('x-request-id'),
    details: error?.details ?? [],
    retryAfterSeconds: retryAfterSeconds(headers.get('retry-after')),
  })
}
