import { addressForLimits } from '@portico/http/client-address'
import '@portico/http/request-context'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { parseId } from '@portico/kernel/ids'
import { scopeOf, type Permission } from '@portico/kernel/permissions'
import type { AuthenticateApiKey } from '@portico/platform/api-keys/authenticate-api-key'
import { permissionsOfKey } from '@portico/platform/api-keys/scopes'
import type { Caller } from '@portico/platform/caller'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ConsoleDoor } from '../console/console-door.js'
import { readRule } from './access-rule.js'
import type { KeyThrottle } from './key-throttle.js'

const FAILED_KEYS: Limit = { name: 'api_key_failures', points: 60, windowSeconds: 60 }
const BEARER = /^Bearer ([\x21-\x7e]{1,256})$/i

export interface AuthenticateOptions {
  authenticate: AuthenticateApiKey
  console: ConsoleDoor
  directory: ProjectDirectory
  limits: RateLimits
  throttle: KeyThrottle
}

/** Before the body is read: who calls, may they, and whose project is it. */
export function registerAuthentication(server: FastifyInstance, options: AuthenticateOptions): void {
  // A rule that cannot be read stops the start, and not the first request.
  server.addHook('onRoute', (route) => {
    const rule = route.config?.access
    if (rule !== undefined) readRule(rule)
  })
  server.addHook('onRequest', async (request) => {
    const declared = request.routeOptions.config.access
    // Unknown routes have no rule; they are answered 404 to anybody.
    const rule = declared === undefined ? 'public' : readRule(declared)
    if (rule === 'public') return
    const caller = await identify(request, options)
    request.principal = caller
    if (rule === 'signed-in') return
    if (!caller.permissions.has(rule.permission)) throw lacking(caller, rule.permission)
    const { projectId } = request.params as { projectId?: string }
    if (projectId !== undefined) await enterProject(request, options.directory, caller, projectId, rule.archived)
    else if (caller.projects !== null && !rule.limitedKeys)
      throw new AuthError('insufficient_scope', { message: 'The API key is limited to some projects, and this is not about one of them.' })
  })
}

function lacking({ actor }: Caller, permission: Permission): AuthError {
  const message =
    actor.type === 'api_key' ? `The API key lacks the scope ${scopeOf(permission)}.` : `Your role lacks the permission ${permission}.`
  return new AuthError('insufficient_scope', { message })
}

async function identify(request: FastifyRequest, { authenticate, console, limits, throttle }: AuthenticateOptions): Promise<Caller> {
  const { authorization } = request.headers
  if (authorization === undefined) {
    const visitor = await console.enter(request)
    if (!visitor) throw new AuthError('unauthenticated')
    await throttle.charge(visitor.actor.id ?? '')
    return visitor
  }
  const presented = BEARER.exec(authorization)?.[1]
  if (presented === undefined) throw new AuthError('unauthenticated')
  const { ip, userAgent } = request.clientInfo()
  const holder = await console.holderOf(presented, request)
  if (holder) return holder
  const key = await authenticate.execute(presented)
  if (!key) {
    await limits.enforce('control-plane', [{ limit: FAILED_KEYS, subject: addressForLimits(ip) }])
    throw new AuthError('unauthenticated')
  }
  await throttle.charge(key.id)
  const projects = key.projectIds.length === 0 ? null : new Set(key.projectIds)
  return { tenantId: key.tenantId, actor: { type: 'api_key', id: key.id }, permissions: permissionsOfKey(key), projects, ip, userAgent }
}

/** For an answer that lasts: whether who asked for it could ask for it now. Without the database nobody knows, and it goes on. */
export async function mayStill(request: FastifyRequest, options: AuthenticateOptions): Promise<boolean> {
  const rule = readRule(request.routeOptions.config.access ?? 'public')
  if (rule === 'public') return true
  try {
    const { permissions, projects } = await identify(request, options)
    const projectId = request.project?.scope.projectId
    const mayReach = projects === null || projectId === undefined || projects.has(projectId)
    return mayReach && (rule === 'signed-in' || permissions.has(rule.permission))
  } catch (error) {
    return error instanceof AuthError && error.code === 'unavailable'
  }
}

/** Who asks, as far as a share of something is counted. */
export function holderOf(request: FastifyRequest): string {
  const { actor } = request.principal as Caller
  return `${actor.type} ${actor.id ?? ''}`
}

/** Another tenant's project is answered like one that does not exist, and so is one that the key was not made for. */
async function enterProject(
  request: FastifyRequest,
  directory: ProjectDirectory,
  caller: Caller,
  text: string,
  archived: boolean,
): Promise<void> {
  const id = parseId('proj', text)
  const project = id === null || (caller.projects !== null && !caller.projects.has(id)) ? null : await directory.resolve(id)
  if (!project || project.scope.tenantId !== caller.tenantId || (project.archived && !archived)) throw new AuthError('not_found')
  request.project = project
}
