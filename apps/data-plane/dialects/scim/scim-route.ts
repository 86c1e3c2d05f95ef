import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticateDirectory } from '@portico/end-user/directory/authenticate-directory'
import type { DirectoryCall } from '@portico/end-user/directory/directory-call'
import type { NoteRefusal } from '@portico/end-user/directory/directory-log'
import type { Directory } from '@portico/end-user/records/directory'
import { addressForLimits } from '@portico/http/client-address'
import { AuthError } from '@portico/kernel/auth-error'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import { ScimProblem } from '@portico/scim/scim-problem'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bearerToken } from '../../project/bearer-token.js'
import { ROUTE_PREFIX } from '../../project/project-base.js'
import type { DirectoryThrottle } from './directory-throttle.js'
import { CODES, describe, errorBody, SCIM_PATH, SCIM_TYPE } from './scim-form.js'

/** A group of ten thousand at once. */
const BODY_LIMIT = 1_048_576
const FAILED_TOKENS: Limit = { name: 'directory_token_failures', points: 60, windowSeconds: 60 }

export interface ScimAnswer {
  /** 200 */
  status?: number
  /** Absent: 204. */
  body?: object
  etag?: string
  /** The URL of the one resource that is answered. */
  location?: string
  /** Which wish of the client was followed (RFC 7240, 3). */
  preferred?: 'minimal' | 'representation'
}

/** What a route is handed. */
export interface ScimCall extends DirectoryCall {
  /** The URL of the directory, without a slash at its end. */
  base: string
  id: string
  body: unknown
  query: Record<string, unknown>
  /** What the client wants to see of what it changes; `null`: it does not say. */
  prefers: 'minimal' | 'representation' | null
  /** A header of the request; `null`: it has none. */
  header(name: string): string | null
}

export interface ScimDoor {
  authenticate: AuthenticateDirectory
  noteRefusal: NoteRefusal
  throttle: DirectoryThrottle
  limits: RateLimits
  /** The `AUTH_URL` of a project. */
  authUrl: (projectId: string) => string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Routes of a directory: the token says which one, before a body is read. */
export function scimRoutes(server: FastifyInstance, door: ScimDoor) {
  return (method: Method, path: string, handle: (call: ScimCall) => Promise<ScimAnswer> | ScimAnswer): void => {
    server.route({
      method,
      url: `${ROUTE_PREFIX}${SCIM_PATH}${path}`,
      config: { access: 'claims', acceptsScim: true },
      bodyLimit: BODY_LIMIT,
      onRequest: async (request) => {
        request.principal = await admit(request, door)
      },
      handler: async (request, reply) => {
        const call = callOf(request, door)
        try {
          return send(reply, asPreferred(call, method, await handle(call)))
        } catch (error) {
          const refusal = error instanceof ScimProblem || error instanceof AuthError ? describe(error, request) : null
          if (refusal && refusal.status < 500) await note(call, request, refusal, door)
          if (!(error instanceof ScimProblem)) throw error
          request.errorCode = CODES[error.status]
          return reply.code(error.status).type(SCIM_TYPE).send(errorBody(error.status, error.scimType, error.message))
        }
      },
    })
  }
}

/**
 * What is the same at every base, also for who has no token yet. Whoever brings one is told when it is not good: identity providers try
 * theirs out with what they read first.
 */
export function openScimRoute(server: FastifyInstance, door: ScimDoor, path: string, handle: (base: string) => ScimAnswer): void {
  server.route({
    method: 'GET',
    url: `${ROUTE_PREFIX}${SCIM_PATH}${path}`,
    config: { access: 'public', acceptsScim: true },
    onRequest: async (request) => {
      if (request.headers.authorization !== undefined) request.principal = await admit(request, door)
    },
    handler: (request, reply) => send(reply, handle(baseOf(projectOf(request), door))),
  })
}

async function admit(request: FastifyRequest, { authenticate, throttle, limits }: ScimDoor): Promise<Directory> {
  const project = projectOf(request)
  const token = bearerToken(request)
  const directory = token === null ? null : await authenticate.execute(project, token)
  if (!directory) {
    const subject = addressForLimits(request.clientInfo().ip)
    await limits.enforce(project.scope.projectId, [{ limit: FAILED_TOKENS, subject }])
    throw new AuthError('unauthenticated', { message: 'A live token of the directory is required.' })
  }
  await throttle.charge(directory.id)
  return directory
}

function projectOf({ project }: FastifyRequest): ProjectRecord {
  if (!project) throw new Error('a route of a project without a project')
  return project
}

const baseOf = ({ scope }: ProjectRecord, { authUrl }: ScimDoor): string => `${authUrl(scope.projectId)}${SCIM_PATH}`

function callOf(request: FastifyRequest, door: ScimDoor): ScimCall {
  const { headers } = request
  const project = projectOf(request)
  return {
    project,
    directory: request.principal as Directory,
    caller: request.clientInfo(),
    base: baseOf(project, door),
    id: (request.params as { id?: string }).id ?? '',
    body: request.body,
    query: request.query as Record<string, unknown>,
    prefers: preferenceOf(headers['prefer']),
    header: (name) => {
      const value = headers[name]
      return typeof value === 'string' ? value : null
    },
  }
}

/** RFC 7240: whoever changes something may say that they need not see it. */
function asPreferred(call: ScimCall, method: Method, answer: ScimAnswer): ScimAnswer {
  if ((method !== 'PUT' && method !== 'PATCH') || call.prefers === null) return answer
  const { body, ...rest } = answer
  if (call.prefers === 'minimal') return { ...rest, preferred: call.prefers }
  return body === undefined ? answer : { ...answer, preferred: call.prefers }
}

function preferenceOf(value: string | string[] | undefined): ScimCall['prefers'] {
  const said = /(?:^|[,;\s])return\s*=\s*"?(minimal|representation)"?(?=[,;\s]|$)/i.exec(String(value ?? ''))?.[1]?.toLowerCase()
  return said === 'minimal' || said === 'representation' ? said : null
}

function send(reply: FastifyReply, { status, body, etag, location, preferred }: ScimAnswer): FastifyReply {
  if (preferred !== undefined) reply.header('preference-applied', `return=${preferred}`)
  if (etag !== undefined) reply.header('etag', etag)
  if (body === undefined) return reply.code(status ?? 204).send()
  // The same as `meta.location` (RFC 7643, 3.1), in both headers that say it: the examples of RFC 7644 have `Location` on every answer.
  if (location !== undefined) reply.header('location', location).header('content-location', location)
  return reply.code(status ?? 200).type(SCIM_TYPE).send(JSON.stringify(body))
}

/** Reading is not in the log of a directory, and neither is what cannot be written there just now. */
async function note(
  call: ScimCall,
  request: FastifyRequest,
  { status, detail }: { status: number; detail: string },
  { noteRefusal }: ScimDoor,
): Promise<void> {
  const resource = /\/(User|Group)s(?:\/|$)/.exec(request.routeOptions.url ?? '')?.[1]
  if (request.method === 'GET' || request.method === 'HEAD' || (resource !== 'User' && resource !== 'Group')) return
  const resourceId = call.id === '' ? null : call.id.slice(0, 64)
  await noteRefusal.execute(call, { method: request.method, resource, resourceId, status, detail }).catch(() => undefined)
}
