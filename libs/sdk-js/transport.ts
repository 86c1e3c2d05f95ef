import { backoffMs, pause, retryAfterSeconds } from './backoff.js'
import { camelKeys, snakeKeys } from './key-case.js'
import { type FieldProblem, PorticoError } from './portico-error.js'

export interface TransportOptions {
  apiKey: string | null
  baseUrl: string
  fetch: typeof fetch
  timeoutMs: number
  totalTimeoutMs: number
  maxRetries: number
}

/** What every call takes as its last argument. */
export interface CallOptions {
  /** Aborts the call, its retries and its waits; the call then throws the signal's reason. */
  signal?: AbortSignal
  /** For one attempt, in milliseconds. */
  timeoutMs?: number
  /** For the call with all its attempts and waits, in milliseconds. */
  totalTimeoutMs?: number
  maxRetries?: number
  /**
   * Makes a changing call repeatable: the server answers a second call that has the same key and content with the first answer for 24
   * hours. Generated when absent, and the same in all attempts of one call. Give one of your own to survive a restart of your process.
   */
  idempotencyKey?: string
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path segments; each is encoded, so that an id from outside cannot leave its place. */
  path: readonly string[]
  query?: object | undefined
  body?: unknown
  /** `text` answers the body as it is. */
  answer?: 'json' | 'text'
}

/** A call whose answer has no end of its own. */
export interface StreamCall {
  path: readonly string[]
  query: object
  headers: Record<string, string>
  signal: AbortSignal | undefined
}

// A server that asks for more than this is told to the caller instead of waited for.
const LONGEST_RETRY_AFTER_SECONDS = 60

/** Sends calls, with retries. The only part that knows of HTTP. */
export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  async send<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const { signal } = options
    const maxRetries = options.maxRetries ?? this.#options.maxRetries
    const deadline = Date.now() + (options.totalTimeoutMs ?? this.#options.totalTimeoutMs)
    const request = this.#prepare(call, options)
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      const limit = Math.min(options.timeoutMs ?? this.#options.timeoutMs, deadline - Date.now())
      const outcome = await this.#attempt(request, call.answer ?? 'json', limit, signal)
      if (!('failure' in outcome)) return outcome.value as T
      const { failure } = outcome
      if (attempt >= maxRetries || !worthRetrying(failure)) throw failure
      const wait = waitMs(failure, attempt)
      if (wait === null || Date.now() + wait >= deadline) throw failure
      await pause(wait, signal)
    }
  }

  /**
   * The answer while it arrives, as text. Not tried again once it began; the time limits are for its beginning. One that ends early throws.
   */
  async *stream(call: Call, options: CallOptions = {}): AsyncGenerator<string, void, undefined> {
    const { signal } = options
    const { url, init } = this.#prepare({ ...call, answer: 'text' }, options)
    const controller = new AbortController()
    const abort = () => controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const timer = setTimeout(abort, options.timeoutMs ?? this.#options.timeoutMs)
    try {
      const response = await this.#options.fetch(url, { ...init, signal: controller.signal })
      clearTimeout(timer)
      if (!response.ok) throw refusal(response, await response.text())
      const decoder = new TextDecoder()
      const reader = response.body?.getReader()
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        yield decoder.decode(part.value, { stream: true })
      }
    } catch (cause) {
      if (cause instanceof PorticoError) throw cause
      if (signal?.aborted) throw signal.reason
      throw new PorticoError({ code: 'network_error', message: `The answer did not arrive whole: ${reasonOf(cause)}`, cause })
    } finally {
      clearTimeout(timer)
      controller.abort()
      signal?.removeEventListener('abort', abort)
    }
  }

  /** The same, one JSON value a line. */
  async *lines<T>(call: Call, options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
    let rest = ''
    for await (const text of this.stream(call, options)) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield camelKeys(JSON.parse(line)) as T
    }
  }

  /**
   * An answer that is read as it comes. Tried again as other calls are, without a time limit on the whole; `null` when the signal aborted
   * it.
   */
  async open(call: StreamCall): Promise<Response | null> {
    const { signal } = call
    const { url, init } = this.#prepare({ method: 'GET', path: call.path, query: call.query }, {})
    const headers = { ...(init.headers as Record<string, string>), ...call.headers }
    for (let attempt = 0; !signal?.aborted; attempt++) {
      const failure = await this.#options.fetch(url, { ...init, headers, ...(signal && { signal }) }).then(
        async (response) => (response.ok ? response : refusal(response, await response.text().catch(() => ''))),
        (cause: unknown) => new PorticoError({ code: 'network_error', message: `The server could not be reached: ${reasonOf(cause)}`, cause }),
      )
      if (!(failure instanceof PorticoError)) return failure
      if (signal?.aborted) break
      if (attempt >= this.#options.maxRetries || !worthRetrying(failure)) throw failure
      await pause(waitMs(failure, attempt) ?? LONGEST_RETRY_AFTER_SECONDS * 1000, signal).catch(() => undefined)
    }
    return null
  }

  #prepare(call: Call, options: CallOptions): { url: string; init: RequestInit } {
    for (const segment of call.path) {
      // Empty and dotted segments would be folded away by the URL parser and name another resource.
      if (segment === '' || segment === '.' || segment === '..') throw new TypeError(`Not an id or a name: ${JSON.stringify(segment)}`)
    }
    const url = new URL(`${this.#options.baseUrl}/${call.path.map(encodeURIComponent).join('/')}`)
    for (const [name, value] of Object.entries(snakeKeys(call.query ?? {}) as object)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value))
    }
    const { apiKey } = this.#options
    const headers: Record<string, string> = { ...(apiKey !== null && { Authorization: `Bearer ${apiKey}` }), Accept: 'application/json' }
    if (call.answer === 'text') headers['Accept'] = 'text/plain, application/yaml, application/json'
    if (call.method !== 'GET') headers['Idempotency-Key'] = options.idempotencyKey ?? randomKey()
    if (call.body !== undefined) headers['Content-Type'] = 'application/json'
    return {
      url: url.href,
      // A redirect would carry the key to wherever it points. Not `error`: Cloudflare's fetch refuses that word.
      init: {
        method: call.method,
        headers,
        redirect: 'manual',
        ...(call.body === undefined ? {} : { body: JSON.stringify(snakeKeys(call.body)) }),
      },
    }
  }

  async #attempt(
    { url, init }: { url: string; init: RequestInit },
    answer: 'json' | 'text',
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ value: unknown } | { failure: PorticoError }> {
    const controller = new AbortController()
    const abort = () => controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      controller.abort()
    }, Math.max(0, limitMs))
    try {
      const response = await this.#options.fetch(url, { ...init, signal: controller.signal })
      const text = await response.text()
      return response.ok ? read(response, text, answer) : { failure: refusal(response, text) }
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      if (timedOut) return { failure: new PorticoError({ code: 'timeout', message: `No answer within ${Math.round(limitMs)} ms.`, cause }) }
      return { failure: new PorticoError({ code: 'network_error', message: `The server could not be reached: ${reasonOf(cause)}`, cause }) }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }
}

function read(response: Response, text: string, answer: 'json' | 'text'): { value: unknown } | { failure: PorticoError } {
  if (answer === 'text') return { value: text }
  if (text === '') return { value: undefined }
  try {
    return { value: camelKeys(JSON.parse(text)) }
  } catch (cause) {
    const { status } = response
    const message = 'The answer is not JSON. Is baseUrl the address of the control plane?'
    return {
      failure: new PorticoError({ code: 'invalid_response', message, status, requestId: response.headers.get('x-request-id'), cause }),
    }
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; request_id?: string; details?: FieldProblem[] }
}

function refusal(response: Response, text: string): PorticoError {
  const error = parseError(text)
  return new PorticoError({
    // Something between us and the server answered when there is no code.
    code: error?.code ?? 'invalid_response',
    message: error?.message ?? `The server answered ${response.status}.`,
    status: response.status,
    requestId: error?.request_id ?? response.headers.get('x-request-id'),
    details: error?.details ?? [],
    retryAfterSeconds: retryAfterSeconds(response.headers.get('retry-after'), Date.now()),
  })
}

function parseError(text: string): ErrorBody['error'] {
  try {
    return (JSON.parse(text) as ErrorBody | null)?.error
  } catch {
    return undefined
  }
}

function worthRetrying({ code, status }: PorticoError): boolean {
  if (status === 0) return code === 'network_error' || code === 'timeout'
  return status === 408 || status === 429 || status >= 500 || code === 'idempotency_in_progress'
}

function waitMs(failure: PorticoError, attempt: number): number | null {
  const asked = failure.retryAfterSeconds
  if (asked === null) return backoffMs(attempt)
  return asked > LONGEST_RETRY_AFTER_SECONDS ? null : asked * 1000 + backoffMs(0)
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message || inner.name : String(inner)
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
