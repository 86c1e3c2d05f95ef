import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import type { FastifyRequest } from 'fastify'

/** On routes with `@Access('enrolment')`: the session of the bearer token, or null for a caller who brings an mfa_token instead. */
export const OptionalSession = createParamDecorator(
  (_data: unknown, context: ExecutionContext): AuthenticatedSession | null =>
    context.switchToHttp().getRequest<FastifyRequest>().session as AuthenticatedSession | null,
)
