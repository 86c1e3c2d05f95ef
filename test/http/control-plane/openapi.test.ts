import { readFileSync } from 'node:fs'
import { ERROR_CATALOGUE } from '@portico/kernel/auth-error'
import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

type Json = Record<string, unknown>
const document = parse(readFileSync(new URL('../../../openapi/control-plane.yaml', import.meta.url), 'utf8')) as Json
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

function documented(): Map<string, Json> {
  const operations = new Map<string, Json>()
  for (const [path, item] of Object.entries(document['paths'] as Record<string, Json>)) {
    for (const method of METHODS) {
      const operation = item[method] as Json | undefined
      if (operation) operations.set(`${method.toUpperCase()} ${operation['servers'] ? '' : '/api/v1'}${path}`, operation)
    }
  }
  return operations
}

function running() {
  return listRoutes(plane.plane.app).map((route) => ({
    name: `${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`,
    access: route.access,
  }))
}

test('every running route is documented, and every documented route runs', () => {
  expect(running().map((route) => route.name).toSorted()).toEqual([...documented().keys()].toSorted())
})

test('the documented permission is the one that the route asks for', () => {
  const operations = documented()
  for (const { name, access } of running()) {
    const permission = typeof access === 'object' && access !== null ? access['permission'] : undefined
    expect([name, operations.get(name)?.['x-required-permission']]).toEqual([name, permission])
  }
})

test('references lead somewhere, error codes are of the catalogue, operation ids are unique', () => {
  const ids = [...documented().values()].map((operation) => operation['operationId'])
  expect(new Set(ids).size).toBe(ids.length)
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref') expect([inner, find(inner as string) !== undefined]).toEqual([inner, true])
      else if (key === 'x-error-codes') for (const code of inner as string[]) expect(Object.keys(ERROR_CATALOGUE)).toContain(code)
      else visit(inner)
    }
  }
  visit(document)
})

test('the document and its page are served', async () => {
  const json = await plane.call('GET', '/openapi.json', undefined, { key: null })
  expect(json.body.openapi).toBe('3.1.0')
  const page = await plane.call('GET', '/docs', undefined, { key: null })
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.text).toContain('/projects/{projectId}/auth/secret/rotate')
})

function find(reference: string): unknown {
  let target: unknown = document
  for (const part of reference.slice(2).split('/')) target = (target as Json | undefined)?.[part]
  return target
}
