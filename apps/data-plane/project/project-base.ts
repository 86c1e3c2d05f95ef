import type { IncomingMessage } from 'node:http'
import { parseId } from '@portico/kernel/ids'
import { TLS_ASK_PATH } from './tls-ask.routes.js'

/** Which project a request is for, as its URL says it. Nothing is looked up yet. */
export type ProjectBase =
  | { kind: 'id'; projectId: string; path: string; resource: { type: string; id: string } | null }
  /** The root of a custom domain: the host says which project. */
  | { kind: 'host' }

/** Where the project routes are registered. A request for this very path is not special: it is rewritten like any other. */
export const ROUTE_PREFIX = '/auth'

/** Routes of the process itself. They are not below any `AUTH_URL`, and a custom domain has none of them that could clash. */
const PROCESS_ROUTES = new Set([
  '/health/live', '/health/ready', '/openapi.json', '/docs', '/docs/reference.js', '/__test/clock', TLS_ASK_PATH,
])
const RESOURCE_TYPES = new Set(['project', 'sandbox', 'deployment'])

// On the request itself: a WeakMap with an entry for every request is work for the garbage collector.
const BASE = Symbol('project base')

interface Based {
  [BASE]?: ProjectBase
}

/** The base that `rewriteProjectUrl` found; `null` for routes of the process. */
export function projectBaseOf(request: IncomingMessage): ProjectBase | null {
  return (request as Based)[BASE] ?? null
}

/**
 * Maps every form of an `AUTH_URL` to one set of routes, before routing:
 * `/proj_x/…`, `/app-auth/{type}/{id}/…`, `/proj_x/app-auth/{type}/{id}/…`, and anything else as the root of a custom domain.
 *
 * The text is only ever cut at literal slashes and never decoded here, so what is taken off is exactly what was looked at. Encoded or
 * doubled slashes, dots and another case do not match a form, fall through to the last one, and find no route there.
 */
export function rewriteProjectUrl(request: IncomingMessage, publicPath: string): string {
  const target = request.url ?? '/'
  if (PROCESS_ROUTES.has(pathOf(target))) return target
  const stripped = publicPath !== '' && target.startsWith(`${publicPath}/`) ? target.slice(publicPath.length) : target
  const { base, rest } = split(stripped, publicPath)
  ;(request as Based)[BASE] = base
  return ROUTE_PREFIX + rest
}

function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

function split(target: string, publicPath: string): { base: ProjectBase; rest: string } {
  const direct = takeProject(target)
  if (direct) {
    const nested = takeResource(direct.rest)
    const path = `${publicPath}/${direct.segment}`
    if (nested) return { base: { kind: 'id', projectId: direct.projectId, path, resource: nested.resource }, rest: nested.rest }
    return { base: { kind: 'id', projectId: direct.projectId, path, resource: null }, rest: direct.rest }
  }
  const resource = takeResource(target)
  const projectId = resource && parseId('proj', resource.resource.id)
  if (resource && projectId) {
    return {
      base: { kind: 'id', projectId, path: `${publicPath}/app-auth/${resource.resource.type}/${resource.resource.id}`, resource: null },
      rest: resource.rest,
    }
  }
  return { base: { kind: 'host' }, rest: target }
}

function takeProject(target: string): { segment: string; projectId: string; rest: string } | null {
  const end = target.indexOf('/', 1)
  if (!target.startsWith('/') || end < 0) return null
  const segment = target.slice(1, end)
  const projectId = parseId('proj', segment)
  return projectId === null ? null : { segment, projectId, rest: target.slice(end) }
}

function takeResource(target: string): { resource: { type: string; id: string }; rest: string } | null {
  if (!target.startsWith('/app-auth/')) return null
  const [empty, word, type, id, ...rest] = target.split('/')
  if (empty !== '' || word !== 'app-auth' || type === undefined || !RESOURCE_TYPES.has(type) || id === undefined || rest.length === 0)
    return null
  // A query that begins inside the cut part is not the query of a route.
  if (id === '' || id.includes('?')) return null
  return { resource: { type, id }, rest: `/${rest.join('/')}` }
}
