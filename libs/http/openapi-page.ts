import { existsSync, readFileSync, statSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { type ListedOperation, registerReference, sendReference } from './reference-page.js'
import './request-context.js'

type Json = Record<string, unknown>

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']
const CACHE = 'public, max-age=300'

export interface OpenApiOptions {
  /** The OpenAPI 3.1 file, YAML or JSON. */
  file: string
  /** The same as JSON, made by the build; used unless it is missing or older. */
  builtFile?: string
  publicUrl?: string
}

/**
 * `GET /openapi.json` and a readable `GET /docs`. Read at the first request: parsing the YAML took a third of the start of a process that
 * most likely it is not requested.
 */
export function registerOpenApi(server: FastifyInstance, options: OpenApiOptions): void {
  let reading: ReturnType<typeof read> | null = null
  const document = () => (reading ??= read(options))
  const config = { access: 'public' }

  server.get('/openapi.json', { config }, async (_request, reply) => {
    const { text } = await document()
    // Public and without secrets: tools in a browser may read it from anywhere.
    reply.header('access-control-allow-origin', '*').header('cache-control', CACHE).type('application/json; charset=utf-8')
    return text
  })
  server.get('/docs', { config }, async (_request, reply) => {
    const { title, operations } = await document()
    return sendReference(reply, { title, operations, cacheControl: CACHE })
  })
  registerReference(server)
}

async function read({ file, builtFile, publicUrl }: OpenApiOptions) {
  const document = asObject(
    builtFile !== undefined && isCurrent(builtFile, file) ? JSON.parse(readFileSync(builtFile, 'utf8')) : await readYaml(file),
  )
  if (typeof document['openapi'] !== 'string') throw new Error(`${file} is not an OpenAPI document`)
  if (publicUrl !== undefined) document['servers'] = [{ url: publicUrl }]
  const title = asObject(document['info'])['title']
  return { text: JSON.stringify(document), title: typeof title === 'string' ? title : 'API reference', operations: operationsOf(document) }
}

async function readYaml(file: string): Promise<unknown> {
  const { parse } = await import('yaml')
  return parse(readFileSync(file, 'utf8'))
}

function isCurrent(built: string, source: string): boolean {
  return existsSync(built) && (!existsSync(source) || statSync(built).mtimeMs >= statSync(source).mtimeMs)
}

function operationsOf(document: Json): ListedOperation[] {
  return Object.entries(asObject(document['paths'])).flatMap(([path, item]) => {
    const methods = asObject(item)
    return METHODS.filter((method) => methods[method] !== undefined).map((method) => {
      const { summary } = asObject(methods[method])
      return { method: method.toUpperCase(), path, summary: typeof summary === 'string' ? summary : '' }
    })
  })
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
