import { outsideText } from '@portico/kernel/outside-text'
import type { FastifyRequest } from 'fastify'
import type { ClientInfo } from './request-context.js'

/**
 * The caller of one request. `signal` is made when somebody asks for it, so that most requests pay nothing, and copies with `...` leave it
 * behind.
 */
export class RequestClient implements ClientInfo {
  readonly ip: string
  readonly userAgent: string | null
  readonly requestId: string
  readonly #request: FastifyRequest

  constructor(request: FastifyRequest, ip: string) {
    const userAgent = request.headers['user-agent']
    this.ip = ip
    this.userAgent = outsideText(userAgent, 512)
    this.requestId = request.id
    this.#request = request
  }

  get signal(): AbortSignal {
    const request = this.#request
    if (request.leaving === null) {
      request.leaving = new AbortController()
      // A client that disconnected before the first question is not announced again.
      if (request.raw.socket.destroyed) request.leaving.abort()
    }
    return request.leaving.signal
  }
}
