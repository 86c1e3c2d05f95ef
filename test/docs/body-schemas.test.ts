import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

type Json = Record<string, unknown>
interface Said {
  properties: Record<string, Json>
  required: string[]
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = (option: string) =>
  execFileSync(process.execPath, ['tools/openapi-schemas/generate.mjs', option], { cwd: ROOT, encoding: 'utf8' })
const said = JSON.parse(run('--list')) as Record<string, Record<string, Said>>

/** Bodies that no class reads: settings are a table of their own, and a provider posts what it likes. */
const READ_OTHERWISE: Record<string, string[]> = {
  'openapi/control-plane.yaml': [
    'POST /projects/{projectId}/auth', 'PATCH /projects/{projectId}/auth', 'POST /project-auth/enable', 'POST /project-auth/disable',
    'PATCH /project-auth/config', 'POST /__test/clock',
  ],
  'openapi/data-plane.yaml': ['POST /oauth/{provider}/callback'],
}

test('the bodies in the API reference are what their classes say', () => {
  expect(() => run('--check')).not.toThrow()
})

describe.each([
  ['openapi/control-plane.yaml', 'apps/control-plane', '/api/v1'],
  ['openapi/data-plane.yaml', 'apps/data-plane', '/auth'],
])('%s', (file, app, prefix) => {
  const classes = said[file]!
  const operations = operationsOf(file)
  const routes = routesOf(app, prefix)

  test('every body is described by the schema of a class, and every class describes a body', () => {
    const bodies = [...operations].filter(([name, { body }]) => body !== null && !READ_OTHERWISE[file]!.includes(name))
    expect(bodies.filter(([, { body }]) => classes[body!] === undefined).map(([name]) => name)).toEqual([])
    const used = new Set(bodies.map(([, { body }]) => body))
    expect(Object.keys(classes).filter((name) => !name.endsWith('Query') && !used.has(name))).toEqual([])
  })

  test('every route is described by the class that it reads', () => {
    expect(routes.length).toBeGreaterThan(10)
    const described = routes.filter(({ name }) => operations.has(name) && !READ_OTHERWISE[file]!.includes(name))
    const wrong = described.filter(({ name, body }) => operations.get(name)!.body !== body)
    expect(wrong).toEqual([])
  })

  test('a query has the parameters that its class reads, and no rule that the class does not have', () => {
    const wrong = routes.flatMap(({ name, query }) => {
      if (query === null || !operations.has(name)) return []
      const { properties, required } = classes[query]!
      const documented = operations.get(name)!.query
      const needed = documented.filter((parameter) => parameter['required'] === true).map((parameter) => String(parameter['name']))
      const names = documented.map((parameter) => String(parameter['name']))
      const invented = documented.flatMap(({ name: parameter, schema }) => {
        const rules = properties[String(parameter)] ?? {}
        return RULES.filter((rule) => rule in schema && JSON.stringify(schema[rule]) !== JSON.stringify(rules[rule])).map(
          (rule) => `${String(parameter)}.${rule}`,
        )
      })
      const read = Object.keys(properties)
      const same = String(names.toSorted()) === String(read.toSorted()) && String(needed.toSorted()) === String(required.toSorted())
      return same && invented.length === 0 ? [] : [{ name, query, names, read, needed, required, invented }]
    })
    expect(wrong).toEqual([])
  })
})

const RULES = ['type', 'enum', 'minLength', 'maxLength', 'minimum', 'maximum']

/** By `METHOD /path`: the schema that the body points at, and the query parameters. */
function operationsOf(file: string) {
  const document = parse(readFileSync(ROOT + file, 'utf8')) as Json
  const resolve = (node: unknown): Json => {
    const reference = (node as Json | undefined)?.['$ref']
    if (typeof reference !== 'string') return (node ?? {}) as Json
    return resolve(reference.slice(2).split('/').reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/')], document))
  }
  const found = new Map<string, { body: string | null; query: (Json & { schema: Json })[] }>()
  for (const [path, item] of Object.entries(document['paths'] as Json)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      const operation = resolve(item)[method] as Json | undefined
      if (!operation) continue
      const [content] = Object.values((resolve(operation['requestBody'])['content'] ?? {}) as Record<string, Json>)
      const schema = content?.['schema'] as Json | undefined
      const body = schema === undefined ? null : String(schema['$ref'] ?? 'inline').split('/').at(-1)!
      const parameters = ((operation['parameters'] ?? []) as unknown[])
        .map(resolve)
        .map((parameter): Json & { schema: Json } => ({ ...parameter, schema: resolve(parameter['schema']) }))
      found.set(`${method.toUpperCase()} ${path}`, { body, query: parameters.filter((parameter) => parameter['in'] === 'query') })
    }
  }
  return found
}

interface RouteOfSource {
  name: string
  body: string | null
  query: string | null
}

/** The routes as controllers and routes files write them. */
function routesOf(app: string, prefix: string): RouteOfSource[] {
  const files = readdirSync(ROOT + app, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(controller|routes)\.ts$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
  return files.flatMap((file) => {
    const text = readFileSync(`${ROOT}${app}/${file}`, 'utf8')
    const base = /@Controller\('([^']*)'\)/.exec(text)?.[1] ?? ''
    const methods = text.split(/(?=@(?:Get|Post|Put|Patch|Delete)\()/).slice(1).flatMap((part) => {
      const [, method, paths] = /^@(\w+)\(([^)]*)\)/.exec(part)!
      const [body, query] = [/\bvalidated\((\w+)\)/, /\bvalidatedQuery\((\w+)/].map((form) => form.exec(part)?.[1])
      return entriesOf(method!, paths === '' ? "''" : paths!, base, prefix, body, query)
    })
    const routes = text.matchAll(/\broute\.(get|post|patch|delete)\(\s*(\[[^\]]*\]|'[^']*')\s*,\s*\{([^}]*)\}/g)
    const plain = [...routes].flatMap(([, method, paths, options]) =>
      entriesOf(method!, paths!, '', prefix, /\bbody: (\w+)/.exec(options!)?.[1], /\bquery: (\w+)/.exec(options!)?.[1]),
    )
    return [...methods, ...plain]
  })
}

function entriesOf(method: string, paths: string, base: string, prefix: string, body?: string, query?: string): RouteOfSource[] {
  return [...paths.matchAll(/'([^']*)'/g)].map(([, path]) => {
    const full = `/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/\/$/, '')
    const below = full.startsWith(`${prefix}/`) ? full.slice(prefix.length) : full
    return { name: `${method.toUpperCase()} ${below.replaceAll(/:(\w+)/g, '{$1}')}`, body: body ?? null, query: query ?? null }
  })
}
