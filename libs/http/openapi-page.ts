import { existsSync, readFileSync, statSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { html, sendPage, type SafeHtml } from './html-page.js'
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
    const { title, page } = await document()
    sendPage(reply, { title, body: page, style: STYLE, cacheControl: CACHE })
    return reply
  })
}

async function read({ file, builtFile, publicUrl }: OpenApiOptions) {
  const document = asObject(builtFile !== undefined && isCurrent(builtFile, file) ? JSON.parse(readFileSync(builtFile, 'utf8')) : await readYaml(file))
  if (typeof document['openapi'] !== 'string') throw new Error(`${file} is not an OpenAPI document`)
  if (publicUrl !== undefined) document['servers'] = [{ url: publicUrl }]
  return { text: JSON.stringify(document), title: titleOf(document), page: renderReference(document) }
}

async function readYaml(file: string): Promise<unknown> {
  const { parse } = await import('yaml')
  return parse(readFileSync(file, 'utf8'))
}

function isCurrent(built: string, source: string): boolean {
  return existsSync(built) && (!existsSync(source) || statSync(built).mtimeMs >= statSync(source).mtimeMs)
}

const STYLE = `body{max-width:60rem;padding:2rem 1.25rem}section{border-top:1px solid #8886;margin-top:2rem}article{margin:1.5rem 0 2.5rem}
h3{font:600 1rem ui-monospace,monospace;overflow-wrap:anywhere}
h3 b{display:inline-block;min-width:4.5rem;color:#2456d6}h4{margin:1rem 0 .3rem;font-size:.95rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8883}
code{font:.9em ui-monospace,monospace}nav ul{columns:2;padding-left:1rem;font-size:.9rem}.note{opacity:.75}p{white-space:pre-line}
@media(prefers-color-scheme:dark){h3 b,a{color:#8ab4ff}}`

function renderReference(document: Json): SafeHtml {
  const operations = collectOperations(document)
  const tags = [...new Set(operations.map((operation) => operation.tag))]
  const about = asObject(document['info'])
  const links = operations.map(({ anchor, method, path }) => html`<li><a href="#${anchor}"><code>${method} ${path}</code></a></li>`)
  return html`<h1>${titleOf(document)}</h1>
<p class="note">Version ${text(about['version'])} · <a href="openapi.json">openapi.json</a></p>
<p>${text(about['description'])}</p>
<nav><ul>${links}</ul></nav>
${tags.map(
  (tag) => html`<section><h2>${tag}</h2>
<p>${text(listOf(document['tags']).find((entry) => entry['name'] === tag)?.['description'])}</p>
${operations.filter((operation) => operation.tag === tag).map((operation) => renderOperation(document, operation))}</section>`,
)}`
}

interface Operation {
  method: string
  path: string
  tag: string
  anchor: string
  definition: Json
  parameters: Json[]
}

function collectOperations(document: Json): Operation[] {
  const operations: Operation[] = []
  for (const [path, item] of Object.entries(asObject(document['paths']))) {
    const pathItem = resolve(document, item)
    for (const method of METHODS) {
      if (pathItem[method] === undefined) continue
      const definition = asObject(pathItem[method])
      const [tag] = Array.isArray(definition['tags']) ? definition['tags'] : []
      operations.push({
        method: method.toUpperCase(),
        path,
        tag: typeof tag === 'string' ? tag : 'Other',
        anchor: text(definition['operationId']) || `${method}${path}`.replace(/[^\w]+/g, '-'),
        definition,
        parameters: [...listOf(pathItem['parameters']), ...listOf(definition['parameters'])].map((entry) => resolve(document, entry)),
      })
    }
  }
  return operations
}

function renderOperation(document: Json, operation: Operation): SafeHtml {
  const { definition } = operation
  const request = resolve(document, definition['requestBody'])
  const responses = Object.entries(asObject(definition['responses']))
  return html`<article id="${operation.anchor}">
<h3><b>${operation.method}</b> ${operation.path}</h3>
<p>${text(definition['summary'])}</p>
<p>${text(definition['description'])}</p>
${operation.parameters.length === 0
  ? null
  : html`<h4>Parameters</h4><table><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr>${operation.parameters.map(
      (parameter) => html`<tr><td><code>${text(parameter['name'])}</code>${parameter['required'] === true ? ' *' : ''}</td>
<td>${text(parameter['in'])}</td><td>${typeOf(document, parameter['schema'])}</td><td>${text(parameter['description'])}</td></tr>`,
    )}</table>`}
${renderContent(document, 'Request body', request)}
<h4>Responses</h4>
<table><tr><th>Status</th><th>Meaning</th><th>Body</th></tr>${responses.map(([status, value]) => {
    const response = resolve(document, value)
    return html`<tr><td>${status}</td><td>${text(response['description'])}</td><td>${renderFields(document, schemaOf(response))}</td></tr>`
  })}</table>
</article>`
}

function renderContent(document: Json, heading: string, holder: Json): SafeHtml | null {
  const schema = schemaOf(holder)
  if (schema === undefined) return null
  return html`<h4>${heading}</h4>${renderFields(document, schema)}`
}

function renderFields(document: Json, schema: unknown, depth = 0): SafeHtml | string {
  if (schema === undefined) return ''
  const fields = fieldsOf(document, schema)
  if (fields.length === 0 || depth > 3) return typeOf(document, schema)
  return html`<table>${fields.map((field) => {
    const inner = resolve(document, field.schema)
    const items = inner['items'] === undefined ? field.schema : inner['items']
    const nested = fieldsOf(document, items).length > 0 ? renderFields(document, items, depth + 1) : null
    return html`<tr><td><code>${field.name}</code>${field.required ? ' *' : ''}</td><td>${typeOf(document, field.schema)}</td>
<td>${text(inner['description'])}${nested}</td></tr>`
  })}</table>`
}

function fieldsOf(document: Json, schema: unknown, depth = 0): { name: string; schema: unknown; required: boolean }[] {
  if (depth > 8) return []
  const resolved = resolve(document, schema)
  const parts = [...listOf(resolved['allOf']), ...listOf(resolved['oneOf']), ...listOf(resolved['anyOf'])]
  const required = Array.isArray(resolved['required']) ? resolved['required'] : []
  return [
    ...parts.flatMap((part) => fieldsOf(document, part, depth + 1)),
    ...Object.entries(asObject(resolved['properties'])).map(([name, inner]) => ({ name, schema: inner, required: required.includes(name) })),
  ]
}

function typeOf(document: Json, schema: unknown, depth = 0): string {
  const resolved = resolve(document, schema)
  if (depth > 4) return ''
  if (Array.isArray(resolved['enum'])) return resolved['enum'].map((value) => JSON.stringify(value)).join(' | ')
  if (resolved['const'] !== undefined) return JSON.stringify(resolved['const'])
  const kinds = Array.isArray(resolved['type']) ? resolved['type'].map(String) : [text(resolved['type'])]
  const name = kinds.map((kind) => (kind === 'array' ? `list of ${typeOf(document, resolved['items'], depth + 1)}` : kind)).join(' | ')
  const choices = [...listOf(resolved['oneOf']), ...listOf(resolved['anyOf'])]
  const alternatives = choices.map((choice) => typeOf(document, choice, depth + 1)).filter((kind) => kind !== '')
  const bounds = ['format', 'default', 'minimum', 'maximum', 'minLength', 'maxLength', 'maxItems']
    .filter((key) => resolved[key] !== undefined)
    .map((key) => (key === 'format' ? text(resolved[key]) : `${key} ${JSON.stringify(resolved[key])}`))
  const base = name || [...new Set(alternatives)].join(' | ') || (resolved['properties'] === undefined ? '' : 'object')
  return bounds.length === 0 ? base : `${base} (${bounds.join(', ')})`
}

/** The schema of the first media type. */
function schemaOf(holder: Json): unknown {
  const [media] = Object.values(asObject(holder['content']))
  return asObject(media)['schema']
}

/** Follows references inside the document. */
function resolve(document: Json, value: unknown): Json {
  let current = asObject(value)
  for (let step = 0; step < 10 && typeof current['$ref'] === 'string' && current['$ref'].startsWith('#/'); step += 1) {
    let target: unknown = document
    for (const part of current['$ref'].slice(2).split('/')) target = asObject(target)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
    current = asObject(target)
  }
  return current
}

function titleOf(document: Json): string {
  return text(asObject(document['info'])['title']) || 'API reference'
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : []
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
