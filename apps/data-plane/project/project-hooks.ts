import type { Authenticate } from '@portico/end-user/session/authenticate'
import { addressForLimits } from '@portico/http/client-address'
import { isPreflight, registerCors } from '@portico/http/cors'
import { AuthError } from '@portico/kernel/auth-error'
import { LIMIT_NAMES, type LimitName } from '@portico/kernel/project-settings'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyInstance } from 'fastify'
import { bearerToken } from '../session/bearer-token.js'
import { projectLimit } from './project-limit.js'
import { projectBaseOf } from './project-base.js'
import type { ResolveProject } from './resolve-project.js'

/**
 * What happens to a request before its body is read: project, CORS, refusal of projects that do not serve, limit, session.
 * Which of it applies is declared on the route, so no spelling of a URL gets round it.
 */
export function registerProjectHooks(server: FastifyInstance, parts: { resolve: ResolveProject; limits: RateLimits; authenticate: Authenticate }): void {
  server.addHook('onRequest', async (request) => {
    const base = projectBaseOf(request.raw)
    if (base && (!request.is404 || isPreflight(request))) request.project = await parts.resolve.execute(base, request.headers.host)
  })
  registerCors(server, ({ project }) => {
    if (!project) return null
    const allowedOrigins = project.settings.allowed_origins
    return { allowedOrigins, credentials: allowedOrigins.length > 0 }
  })
  server.addHook('onRequest', async (request) => {
    if (request.is404 || !projectBaseOf(request.raw)) return
    const { project } = request
    if (!project) throw new AuthError('not_found')
    if (project.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
    if (!project.enabled) throw new AuthError('auth_disabled')
    const { limit: name, access } = request.routeOptions.config
    if (name !== undefined) {
      if (!isLimitName(name)) throw new Error(`unknown limit ${name}`)
      const subject = addressForLimits(request.clientInfo().ip)
      await parts.limits.enforce(project.scope.projectId, [{ limit: projectLimit(project, name), subject }])
    }
    // Also open to those who may not sign in before they have a second factor: the handler then asks for their mfa_token.
    if (access === 'session' || access === 'enrolment') {
      const token = bearerToken(request)
      if (token !== null) request.session = await parts.authenticate.execute(project, token)
      else if (access === 'session') throw new AuthError('unauthenticated')
    } else if (access !== 'public') {
      throw new Error('a route of a project has an access rule that nobody enforces')
    }
  })
}

function isLimitName(name: string): name is LimitName {
  return (LIMIT_NAMES as readonly string[]).includes(name)
}
