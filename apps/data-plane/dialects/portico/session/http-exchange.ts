import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Both ends of a request, for the few answers that also set headers. */
export interface HttpExchange {
  request: FastifyRequest
  reply: FastifyReply
}

export const Exchange = createParamDecorator((_data: unknown, context: ExecutionContext): HttpExchange => {
  const http = context.switchToHttp()
  return { request: http.getRequest<FastifyRequest>(), reply: http.getResponse<FastifyReply>() }
})
