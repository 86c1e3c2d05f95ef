import { addressForLimits } from '@portico/http/client-address'
import '@portico/http/request-context'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { parseId } from '@portico/kernel/ids'
import type { AuthenticateApiKey } from '@portico/platform/api-keys/authenticate-api-key'
import type { Caller } from '@portico/platform/caller'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { KeyThrottle } from './key-throttle.js'

/** The control plane's access rules: `'public'`, or a scope; `archived` lets the route see archived projects too. */
export interface ScopeRule {
  scope: string
  archived?: boolean
}

const FAILED_KEYS: Limit = { name: 'api_key_failures', points: 60, windowSeconds: 60 }
const BEARER = /^Bearer ([\x21-\x7e]{1,256})$/i

export interface AuthenticateOptions {
  authenticate: AuthenticateApiKey
  directory: ProjectDirectory
  limits: RateLimits
  throttle: KeyThrottle
}

/** Before the body is read: who calls, may they, and whose project is it. */
export function registerAuthentication(server: FastifyInstance, options: AuthenticateOptions): void {
  server.addHook('onRequest', async (request) => {
    const rule = request.routeOptions.config.access
    // Unknown routes have no rule; they are answered 404 to anybody.
    if (rule === undefined || rule === 'public') return
    const { scope, archived } = readRule(rule)
    const caller = await identify(request, options)
    request.principal = caller
    if (!caller.scopes.has(scope)) throw new AuthError('insufficient_scope', { message: `The API key lacks the scope ${scope}.` })
    const { projectId } = request.params as { projectId?: string }
    if (projectId !== undefined) await enterProject(request, options.directory, caller, projectId, archived)
  })
}

function readRule(rule: string | Readonly<Record<string, unknown>>): { scope: string; archived: boolean } {
  if (typeof rule === 'string' || typeof rule['scope'] !== 'string')
    throw new Error('a route has an access rule that the control plane does not know')
  return { scope: rule['scope'], archived: rule['archived'] === true }
}

async function identify(request: FastifyRequest, { authenticate, limits, throttle }: AuthenticateOptions): Promise<Caller> {
  const presented = BEARER.exec(request.headers.authorization ?? '')?.[1]
  if (presented === undefined) throw new AuthError('unauthenticated')
  const key = await authenticate.execute(presented)
  const { ip, userAgent } = request.clientInfo()
  if (!key) {
    await limits.enforce('control-plane', [{ limit: FAILED_KEYS, subject: addressForLimits(ip) }])
    throw new AuthError('unauthenticated')
  }
  await throttle.charge(key.id)
  return { tenantId: key.tenantId, keyId: key.id, scopes: new Set(key.scopes), ip, userAgent }
}

/** Another tenant's project is answered like one that does not exist. */
async function enterProject(
  request: FastifyRequest,
  directory: ProjectDirectory,
  caller: Caller,
  text: string,
  archived: boolean,
): Promise<void> {
  const id = parseId('proj', text)
  const project = id === null ? null : await directory.resolve(id)
  if (!project || project.scope.tenantId !== caller.tenantId || (project.archived && !archived)) throw new AuthError('not_found')
  request.project = project
}
