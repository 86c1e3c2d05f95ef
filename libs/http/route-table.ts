import type { INestApplication } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'
import type { AccessRule } from './access-rule.js'
import './request-context.js'
import { fastifyOf } from './server-state.js'

export interface RouteEntry {
  method: string
  /** Pattern with `:name` parameters. */
  path: string
  access: AccessRule | null
  limit: string | null
}

interface Table {
  routes: RouteEntry[]
  patterns: { path: string; regexp: RegExp; methods: string[] }[]
}

const tables = new WeakMap<object, Table>()

/** Starts the record of a server's routes; must run before the first one is registered. */
export function recordRoutes(server: FastifyInstance): void {
  const table: Table = { routes: [], patterns: [] }
  tables.set(server.server, table)
  server.addHook('onRoute', (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    for (const method of methods) {
      table.routes.push({ method, path: route.url, access: route.config?.access ?? null, limit: route.config?.limit ?? null })
    }
    const known = table.patterns.find((pattern) => pattern.path === route.url)
    if (known) known.methods.push(...methods)
    else table.patterns.push({ path: route.url, regexp: toRegExp(route.url), methods: [...methods] })
  })
}

/** Every route the application answers, Nest's and plain Fastify's, complete after `app.init()`. `HEAD` twins of `GET` are left out. */
export function listRoutes(app: INestApplication | FastifyInstance): RouteEntry[] {
  return tableOf(fastifyOf(app)).routes.filter((route) => route.method !== 'HEAD')
}

/** Stops the start when a route does not say who may call it. */
export function assertEveryRouteDeclaresAccess(app: INestApplication | FastifyInstance): void {
  const open = tableOf(fastifyOf(app)).routes.filter((route) => route.access === null)
  if (open.length > 0) throw new Error(`routes without @Access: ${open.map((route) => `${route.method} ${route.path}`).join(', ')}`)
}

/** The methods that the path of a URL answers to; none when nothing is there. */
export function allowedMethods(server: FastifyInstance, url: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? '/'
  const methods = new Set<string>()
  for (const pattern of tableOf(server).patterns) {
    if (pattern.regexp.test(path)) for (const method of pattern.methods) methods.add(method)
  }
  return [...methods]
}

function tableOf(server: FastifyInstance): Table {
  const table = tables.get(server.server)
  if (!table) throw new Error('not a server made by createHttpServer')
  return table
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((segment) => (segment === '*' ? '.*' : segment.includes(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/')
  return new RegExp(`^${source}$`)
}
