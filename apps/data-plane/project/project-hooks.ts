import type { ProjectRecord } from '@portico/database/project-directory'
import type { Authenticate, AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { addressForLimits } from '@portico/http/client-address'
import { registerCors, type CorsPolicy } from '@portico/http/cors'
import { endAfter } from '@portico/http/hook-end'
import { AuthError } from '@portico/kernel/auth-error'
import { LIMIT_NAMES, type LimitName } from '@portico/kernel/settings/limits'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken } from './bearer-token.js'
import { ProjectShares } from './project-shares.js'
import { limitAsSet } from './limit-as-set.js'
import { projectBaseOf } from './project-base.js'
import type { ResolveProject } from './resolve-project.js'
import { vouches, type VouchedClient } from './vouched-client.js'

/**
 * What happens to a request before its body is read: project, CORS, refusal of projects that do not serve, limit, session.
 * Which of it applies is declared on the route, so no spelling of a URL gets round it. Access `claims` means that the handler itself checks
 * token and session, together with what it reads.
 *
 * The hooks call back instead of being async: for a project in memory and a public route nothing waits, and a request is cheaper by a
 * fifth.
 */
export function registerProjectHooks(
  server: FastifyInstance,
  parts: { resolve: ResolveProject; limits: RateLimits; authenticate: Authenticate; vouched: VouchedClient },
): void {
  const shares = new ProjectShares(server)
  server.addHook('onRequest', (request, _reply, done) => {
    const base = projectBaseOf(request.raw)
    // Without a route only the CORS headers need the project.
    if (!base || (request.is404 && request.headers.origin === undefined)) return done()
    const known = parts.resolve.known(base, request.headers.host)
    if (known) {
      request.project = known
      return done()
    }
    endAfter(parts.resolve.execute(base, request.headers.host).then((project) => void (request.project = project)), done)
  })
  registerCors(
    server,
    (request) => (projectBaseOf(request.raw) ? corsOf(request.project) : null),
    (request) => {
      const base = projectBaseOf(request.raw)
      return base ? corsOf(request.project ?? parts.resolve.known(base, request.headers.host)) : null
    },
  )
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.is404 || !projectBaseOf(request.raw)) return done()
    const { project } = request
    if (!project) return done(new AuthError('not_found') as Error)
    if (project.firstEnabledAt === null) return done(new AuthError('auth_not_enabled') as Error)
    if (!project.enabled) return done(new AuthError('auth_disabled') as Error)
    if (!shares.enter(request, project.scope.projectId)) return done(new AuthError('overloaded') as Error)
    const { limit, access } = request.routeOptions.config
    if (!vouches(request) && limit === undefined && (access === 'public' || access === 'claims')) return done()
    endAfter(admit(request, project, parts), done)
  })
}

/** Without a project there is only a refusal to read, and no cookie to send along: any page may. */
function corsOf(project: ProjectRecord | null): CorsPolicy {
  const allowedOrigins = project?.settings.allowed_origins ?? []
  return { allowedOrigins, credentials: allowedOrigins.length > 0 }
}

type Parts = Parameters<typeof registerProjectHooks>[1]

async function admit(request: FastifyRequest, project: ProjectRecord, { limits, authenticate, vouched }: Parts): Promise<void> {
  if (vouches(request)) await vouched.execute(request, project)
  const { limit: name, access } = request.routeOptions.config
  if (name !== undefined) {
    if (!isLimitName(name)) throw new Error(`unknown limit ${name}`)
    const subject = addressForLimits(request.clientInfo().ip)
    await limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, name), subject }])
  }
  // Also open to those who may not sign in before they have a second factor: the handler then asks for their mfa_token.
  if (access === 'session' || access === 'enrolment') {
    const token = bearerToken(request)
    if (token !== null) request.session = await admitUser(request, project, await authenticate.execute(project, token), limits)
    else if (access === 'session') throw new AuthError('unauthenticated')
  } else if (access !== 'public' && access !== 'claims') {
    throw new Error('a route of a project has an access rule that no hook enforces')
  }
}

/** Every change leaves a row, and some a mail: whoever is signed in makes them at the pace of a person. */
async function admitUser<S extends AuthenticatedSession>(
  request: FastifyRequest,
  project: ProjectRecord,
  session: S,
  limits: RateLimits,
): Promise<S> {
  if (request.method === 'GET' || request.method === 'HEAD') return session
  await limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, 'change_account'), subject: session.user.id }])
  return session
}

function isLimitName(name: string): name is LimitName {
  return (LIMIT_NAMES as readonly string[]).includes(name)
}
