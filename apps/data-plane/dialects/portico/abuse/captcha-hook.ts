import type { CheckCaptcha } from '@portico/end-user/abuse/check-captcha'
import { endAfter } from '@portico/http/hook-end'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A project with a captcha wants its token in `captcha_token` here. */
    captcha?: boolean
  }
}

/**
 * Checks the token before the route's own code runs, and takes it out of the body: the routes need not know of it, and an app may
 * always send one. Runs after the limits, so that a flood does not reach the captcha provider.
 */
export function registerCaptcha(server: FastifyInstance, check: CheckCaptcha): void {
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.config.captcha !== true || !request.project) return done()
    const body = request.body as Record<string, unknown> | null | undefined
    const token = body?.['captcha_token']
    if (body && typeof body === 'object') delete body['captcha_token']
    endAfter(check.execute(request.project, typeof token === 'string' ? token : null, request.clientInfo()), done)
  })
}
