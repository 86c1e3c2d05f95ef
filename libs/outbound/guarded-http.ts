import type { LookupAddress } from 'node:dns'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { tracing } from '@portico/kernel/tracing'
import { checkedAddress } from './checked-address.js'
import { OutboundError } from './outbound-error.js'
import { isOutsideAddress } from './outside-address.js'
import { resolveHost } from './resolve-host.js'
import { Shares, type Share } from './shares.js'

export interface OutboundRequest {
  method?: string
  headers?: Record<string, string>
  body?: string | null
}

/** Makes calls that share one time limit, such as discovery, token and key requests of one sign-in. */
export type OutboundFetch = (url: string | URL, request?: OutboundRequest) => Promise<Response>

export interface GuardedHttpOptions {
  /** Development switch: http and loopback addresses are then allowed, and nothing else more. */
  allowLoopback: boolean
  /** For one whole unit of work, in milliseconds (4,500: the caller promises an answer within 5 s). */
  timeLimitMs?: number
  /** Largest answer, in bytes (1 MiB). */
  sizeLimit?: number
  /** Units of work that one project may have at once; one more is `busy` (50). */
  maxPerProject?: number
  /** For tests of rebinding. */
  resolve?: (hostname: string) => Promise<LookupAddress[]>
}

/**
 * The one way out of this product to an address that a customer configured. https only, no private addresses, no redirects, bounded time
 * and size. The name is resolved here and the socket is opened to the very address that was checked, so a name that changes in between
 * gains nothing.
 */
export class GuardedHttp {
  readonly allowLoopback: boolean
  readonly #timeLimitMs: number
  readonly #sizeLimit: number
  readonly #shares: Shares
  readonly #resolve: (hostname: string) => Promise<LookupAddress[]>

  constructor(options: GuardedHttpOptions) {
    this.allowLoopback = options.allowLoopback
    this.#timeLimitMs = options.timeLimitMs ?? 4_500
    this.#sizeLimit = options.sizeLimit ?? 1_048_576
    this.#shares = new Shares(options.maxPerProject ?? 50)
    this.#resolve = options.resolve ?? resolveHost
  }

  /**
   * Runs `work` with a fetch whose calls end together at the time limit.
   * @param share whose work it is: a project or tenant that hangs keeps only itself waiting.
   */
  async within<T>(share: Share, work: (fetch: OutboundFetch) => Promise<T>): Promise<T> {
    if (!this.#shares.take(share)) throw new OutboundError('busy')
    const deadline = AbortSignal.timeout(this.#timeLimitMs)
    try {
      return await work((url, request = {}) => this.#send(new URL(url), request, deadline))
    } finally {
      this.#shares.give(share)
    }
  }

  /**
   * Whether calls to this URL would be refused for its address. A name that cannot be resolved within a second counts as outside: the check
   * is made again at every call, this one only tells the operator early.
   */
  async isInner(url: URL): Promise<boolean> {
    try {
      await this.#checkedAddress(url, AbortSignal.timeout(1_000))
      return false
    } catch (error) {
      return error instanceof OutboundError && error.problem === 'not_allowed'
    }
  }

  #send(url: URL, request: OutboundRequest, deadline: AbortSignal): Promise<Response> {
    const traces = tracing()
    if (traces === null) return this.#exchange(url, request, deadline)
    const method = request.method ?? 'GET'
    // Not the path: that of a webhook may be its secret.
    const facts = { 'http.request.method': method, 'server.address': url.hostname }
    return traces.child(`${method} ${url.hostname}`, 'client', facts, () => this.#exchange(url, request, deadline))
  }

  async #exchange(url: URL, request: OutboundRequest, deadline: AbortSignal): Promise<Response> {
    if (url.username !== '' || url.password !== '') throw new OutboundError('not_allowed')
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.allowLoopback)) throw new OutboundError('not_allowed')
    const address = await this.#checkedAddress(url, deadline)
    // Plain http is for loopback alone, whatever the switch says.
    if (url.protocol === 'http:' && isOutsideAddress(address.address, false)) throw new OutboundError('not_allowed')
    const options: RequestOptions = {
      method: request.method ?? 'GET',
      headers: { accept: 'application/json', 'user-agent': 'Portico', ...request.headers, 'accept-encoding': 'identity' },
      lookup: pinned(address),
      signal: deadline,
      // Every call stands alone: a pooled socket would outlive the check of its address.
      agent: false,
    }
    const answer = await new Promise<IncomingMessage>((done, fail) => {
      const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, done)
      outgoing.once('error', (error) => fail(new OutboundError(deadline.aborted ? 'too_slow' : 'unreachable', { cause: error })))
      outgoing.end(request.body ?? undefined)
    })
    const body = await this.#read(answer, deadline)
    const headers = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) {
      if (typeof value === 'string') headers.set(name, value)
    }
    const status = answer.statusCode ?? 500
    // Response refuses a body with these; no service we call has reason to send them.
    return new Response(status === 204 || status === 304 ? null : new Uint8Array(body), { status: status < 200 ? 500 : status, headers })
  }

  async #read(answer: IncomingMessage, deadline: AbortSignal): Promise<Buffer> {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of answer) {
        size += (chunk as Buffer).length
        if (size > this.#sizeLimit) throw new OutboundError('too_large')
        chunks.push(chunk as Buffer)
      }
    } catch (error) {
      answer.destroy()
      if (error instanceof OutboundError) throw error
      throw new OutboundError(deadline.aborted ? 'too_slow' : 'unreachable', { cause: error })
    }
    return Buffer.concat(chunks)
  }

  #checkedAddress(url: URL, deadline: AbortSignal): Promise<LookupAddress> {
    return checkedAddress(url.hostname.replace(/^\[|\]$/g, ''), { allowLoopback: this.allowLoopback, resolve: this.#resolve }, deadline)
  }
}

/** Answers every look-up of the socket with the address that was checked. */
function pinned(address: LookupAddress): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [address])
    else callback(null, address.address, address.family)
  }
}
