import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

type Json = Record<string, unknown>
interface Said {
  properties: Record<string, Json>
  required: string[]
}

interface RouteOfSource {
  name: string
  body: string | null
  query: string | null
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = (option: string) =>
  execFileSync(process.execPath, ['tools/openapi-schemas/generate.mjs', option], { cwd: ROOT, encoding: 'utf8' })
const said = JSON.parse(run('--list')) as Record<string, { classes: Record<string, Said>; routes: RouteOfSource[] }>

/** Of which a schema says what they hold, and any schema may (RFC 7643). */
const SCIM_BODIES = ['POST /scim/v2/.search'].concat(['Users', 'Groups'].flatMap((noun) => [
  `POST /scim/v2/${noun}`,
  `POST /scim/v2/${noun}/.search`,
  `PUT /scim/v2/${noun}/{id}`,
  `PATCH /scim/v2/${noun}/{id}`,
]))

/** Bodies that no class reads: settings are a table of their own, and a provider posts what it likes. */
const READ_OTHERWISE: Record<string, string[]> = {
  'openapi/control-plane.yaml': [
    'POST /projects/{projectId}/auth',
    'PATCH /projects/{projectId}/auth',
    'PATCH /console/sign-in-settings',
    'POST /project-auth/enable',
    'POST /project-auth/disable',
    'PATCH /project-auth/config',
    'POST /__test/clock',
  ],
  'openapi/data-plane.yaml': [
    'POST /oauth/{provider}/callback',
    'POST /sso/{connection}/acs',
    'POST /sso/{connection}/slo',
    ...SCIM_BODIES,
  ],
}

/** Classes of objects within a body: other schemas point at theirs. */
const WITHIN_A_BODY = ['AttributesBody', 'MetadataMappingBody', 'OidcBody', 'RoleMappingBody', 'SamlBody']

/** Queries that no class reads: the development inbox shows what it can, and a provider sends what it likes. */
const QUERIES_READ_OTHERWISE = [
  'GET /dev/inbox?to', 'GET /dev/inbox.json?to',
  'GET /internal/tls-ask?domain', 'GET /internal/tls-ask?secret',
  ...['types', 'webhooks', 'max_seconds'].map((name) => `GET /projects/{projectId}/events/stream?${name}`),
  ...['next', 'local', 'moved'].map((name) => `GET /console/sign-in?${name}`),
  'GET /console/arrived?next',
  ...['code', 'state', 'iss', 'error', 'error_description'].map((name) => `GET /console/callback?${name}`),
  ...['Users', 'Groups'].flatMap((noun) => [
    ...['filter', 'startIndex', 'count', 'sortBy', 'sortOrder'].map((name) => `GET /scim/v2/${noun}?${name}`),
    ...[`GET /scim/v2/${noun}`, `POST /scim/v2/${noun}`, ...['GET', 'PUT', 'PATCH'].map((method) => `${method} /scim/v2/${noun}/{id}`)].flatMap(
      (operation) => [`${operation}?attributes`, `${operation}?excludedAttributes`],
    ),
  ]),
  ...['code', 'state', 'iss', 'error'].map((name) => `GET /oauth/{provider}/callback?${name}`),
]

test('the bodies and queries in the API reference are what their classes say', () => {
  expect(() => run('--check')).not.toThrow()
})

describe.each([['openapi/control-plane.yaml'], ['openapi/data-plane.yaml']])('%s', (file) => {
  const { classes, routes } = said[file]!
  const operations = operationsOf(file)

  test('every body is described by the schema of a class, and every class describes a body', () => {
    const bodies = [...operations].filter(([name, { body }]) => body !== null && !READ_OTHERWISE[file]!.includes(name))
    expect(bodies.filter(([, { body }]) => classes[body!] === undefined).map(([name]) => name)).toEqual([])
    const used = new Set(bodies.map(([, { body }]) => body))
    const alone = Object.keys(classes).filter((name) => !name.endsWith('Query') && !WITHIN_A_BODY.includes(name))
    expect(alone.filter((name) => !used.has(name))).toEqual([])
  })

  test('every route is described by the class that it reads', () => {
    expect(routes.length).toBeGreaterThan(10)
    const described = routes.filter(({ name }) => operations.has(name) && !READ_OTHERWISE[file]!.includes(name))
    const wrong = described.filter(({ name, body }) => operations.get(name)!.body !== body)
    expect(wrong).toEqual([])
  })

  test('every query parameter is one that a class reads', () => {
    const read = new Map(routes.flatMap(({ name, query }) => (query === null ? [] : [[name, Object.keys(classes[query]!.properties)]])))
    const invented = [...operations].flatMap(([name, { query }]) => {
      const known = read.get(name) ?? []
      return query
        .filter((parameter) => !known.includes(String(parameter['name'])))
        .map((parameter) => `${name}?${String(parameter['name'])}`)
    })
    expect(invented.filter((each) => !QUERIES_READ_OTHERWISE.includes(each))).toEqual([])
  })
})

/** By `METHOD /path`: the schema that the body points at, and the query parameters. */
function operationsOf(file: string) {
  const document = parse(readFileSync(ROOT + file, 'utf8')) as Json
  const resolve = (node: unknown): Json => {
    const reference = (node as Json | undefined)?.['$ref']
    if (typeof reference !== 'string') return (node ?? {}) as Json
    return resolve(
      reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/')], document),
    )
  }
  const found = new Map<string, { body: string | null; query: (Json & { schema: Json })[] }>()
  for (const [path, item] of Object.entries(document['paths'] as Json)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      const operation = resolve(item)[method] as Json | undefined
      if (!operation) continue
      const [content] = Object.values((resolve(operation['requestBody'])['content'] ?? {}) as Record<string, Json>)
      const schema = content?.['schema'] as Json | undefined
      const body =
        schema === undefined
          ? null
          : String(schema['$ref'] ?? 'inline')
              .split('/')
              .at(-1)!
      const parameters = ((operation['parameters'] ?? []) as unknown[])
        .map(resolve)
        .map((parameter): Json & { schema: Json } => ({ ...parameter, schema: resolve(parameter['schema']) }))
      found.set(`${method.toUpperCase()} ${path}`, { body, query: parameters.filter((parameter) => parameter['in'] === 'query') })
    }
  }
  return found
}
