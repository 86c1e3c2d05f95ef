import { readFileSync } from 'node:fs'
import { ERROR_CATALOGUE } from '@portico/kernel/auth-error'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

type Json = Record<string, unknown>

const FILE = new URL('../../../openapi/data-plane.yaml', import.meta.url)
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
// Exists only while the test clock is on, which production refuses.
const UNDOCUMENTED = new Set(['POST /__test/clock'])

const document = parse(readFileSync(FILE, 'utf8')) as Json
/** Aliases are references to the path they are another name of. */
const paths = Object.fromEntries(Object.entries(document['paths'] as Record<string, Json>).map(([path, item]) => [path, resolve(item)]))

let database: TestDatabase
let plane: RunningDataPlane
let base: string
let esBase: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  base = plane.url + (await createTestProject(database)).path
  esBase = plane.url + (await createTestProject(database, { alg: 'ES256' })).path
})

afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

test('every route is documented and every documented route exists', () => {
  const served = plane.routes.map((route) => `${route.method} ${route.path.replace(/^\/auth(?=\/)/, '').replace(/:(\w+)/g, '{$1}')}`).filter((route) => !UNDOCUMENTED.has(route))
  const documented = Object.entries(paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`))
  expect(served.toSorted()).toEqual(documented.toSorted())
})

test('who may call is documented as it is enforced', () => {
  for (const route of plane.routes) {
    const path = route.path.replace(/^\/auth(?=\/)/, '').replace(/:(\w+)/g, '{$1}')
    const operation = paths[path]?.[route.method.toLowerCase()] as Json | undefined
    if (!operation) continue
    const security = (operation['security'] ?? document['security']) as Json[]
    const open = security.length === 0 || security.some((scheme) => Object.keys(scheme).length === 0)
    expect([route.method, path, open]).toEqual([route.method, path, route.access === 'public'])
  }
})

test('every operation has a name of its own, a summary, a tag and resolvable references', () => {
  const operations = [...new Set(Object.values(paths))].flatMap((item) =>
    METHODS.flatMap((method) => (item[method] ? [item[method] as Json] : [])),
  )
  const ids = operations.map((operation) => operation['operationId'])
  expect(new Set(ids).size).toBe(ids.length)
  const tags = new Set((document['tags'] as Json[]).map((tag) => tag['name']))
  for (const operation of operations) {
    expect([operation['operationId'], typeof operation['summary'], tags.has((operation['tags'] as string[])[0])]).toEqual([
      operation['operationId'],
      'string',
      true,
    ])
  }
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('$ref' in value) expect([value.$ref, resolve(value as Json) !== undefined]).toEqual([value.$ref, true])
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(document)
})

test('every error code it mentions is in the catalogue', () => {
  const text = readFileSync(FILE, 'utf8')
  const mentioned = [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1]!)
  const others = new Set([
    'require_email_confirmation',
    'refresh_grace_seconds',
    'allowed_origins',
    'site_url',
    'redirect_urls',
    'signup_client',
    'login_account',
    'login_client',
    'reset_account',
    'reset_client',
    'refresh_token',
    'access_token',
    'token_audience',
    'password_min_length',
    'access_token_ttl_seconds',
    'email_verified',
    'self_service',
    'device_token',
    'leaked_password_url',
    'password_check_client',
    'org_id',
    'org_slug',
    'org_role',
    'token_claims',
    'directory_delete_after_days',
    'organization_roles',
    'slo_url',
  ])
  expect(mentioned.filter((name) => !others.has(name) && !(name in ERROR_CATALOGUE))).toEqual([])
})

describe('answers have the documented shape', () => {
  test('session, verify, account, sessions, settings, key set, errors', async () => {
    const signed = await signUp(base, { metadata: { a: 1 } })
    const token = signed.accessToken
    conforms(signed.answer.body, 'Session')
    conforms((await call(`${base}/login`, { body: { email: signed.email, password: PASSWORD } })).body, 'Session')
    conforms((await call(`${base}/refresh`, { body: { refresh_token: signed.refreshToken } })).body, 'Session')
    conforms((await call(`${base}/verify`, { body: { token } })).body, 'Verified')
    conforms((await call(`${base}/user`, { token })).body, 'Account')
    conforms((await call(`${base}/user`, { method: 'PATCH', body: { metadata: { b: 2 } }, token })).body, 'Account')
    conforms((await call(`${base}/sessions`, { token })).body, 'SessionList')
    conforms((await call(`${base}/settings`)).body, 'PublicSettings')
    conforms((await call(`${esBase}/jwks`)).body, 'Jwks')
    conforms((await call(`${base}/password-reset`, { body: { email: signed.email } })).body, 'MailAccepted')
    conforms((await call(`${base}/logout`, { method: 'POST', token })).body, 'Ok')
    conforms((await call(`${base}/user`, { token })).body, 'Error')
    conforms((await call(`${base}/signup`, { body: { email: 1 } })).body, 'Error')
  })
})

test('the served document is the file', async () => {
  const served = (await call(`${plane.url}/openapi.json`)).body as Json
  expect(served['openapi']).toBe('3.1.0')
  expect(Object.keys(served['paths'] as Json)).toEqual(Object.keys(paths))
})

function resolve(schema: Json): Json {
  let current: unknown = schema
  while (typeof current === 'object' && current !== null && '$ref' in current) {
    current = String(current.$ref).slice(2).split('/').reduce<unknown>((at, part) => (at as Json | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document)
  }
  return current as Json
}

/** Enough of JSON Schema for this file: types, constants, required and no undocumented fields. */
function conforms(value: unknown, schemaName: string): void {
  check(value, { $ref: `#/components/schemas/${schemaName}` }, schemaName)
}

function check(value: unknown, given: Json, at: string): void {
  const schema = flatten(given)
  if ('const' in schema) expect([at, value]).toEqual([at, schema['const']])
  if (Array.isArray(schema['enum'])) expect([at, schema['enum'].includes(value)]).toEqual([at, true])
  if (schema['type'] !== undefined) {
    const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
    expect([at, [schema['type']].flat().includes(actual)]).toEqual([at, true])
  }
  if (Array.isArray(value)) for (const [i, item] of value.entries()) check(item, schema['items'] as Json, `${at}[${i}]`)
  else if (typeof value === 'object' && value !== null && schema['properties']) {
    const properties = schema['properties'] as Record<string, Json>
    for (const name of (schema['required'] ?? []) as string[]) expect([at, name in value]).toEqual([at, true])
    for (const [name, inner] of Object.entries(value)) {
      expect([`${at}.${name}`, name in properties]).toEqual([`${at}.${name}`, true])
      check(inner, properties[name]!, `${at}.${name}`)
    }
  }
}

function flatten(given: Json): Json {
  const schema = resolve(given)
  if (!Array.isArray(schema['allOf'])) return schema
  const parts = (schema['allOf'] as Json[]).map(flatten)
  return {
    type: 'object',
    required: parts.flatMap((part) => (part['required'] ?? []) as string[]),
    properties: Object.assign({}, ...parts.map((part) => part['properties'])) as Json,
  }
}
