import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

type Json = Record<string, unknown>

export interface Operation {
  pathParams: string[]
  queryParams: string[]
  headerParams: string[]
  /** Where each field of the body stands: property names, `0` for the element of a list. */
  bodyFields: string[][]
  contentType: 'json' | 'form' | null
  /** Whether an answer of the operation may be a page. */
  pages: boolean
}

/** Every operation of an OpenAPI file by `METHOD /path/{param}`. */
export function operationsOf(file: string): Map<string, Operation> {
  const document = parse(readFileSync(fileURLToPath(new URL(`../../openapi/${file}`, import.meta.url)), 'utf8')) as Json
  const resolve = (node: unknown): Json => {
    const object = (node ?? {}) as Json
    if (typeof object['$ref'] !== 'string') return object
    const target = object['$ref']
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/').replaceAll('~0', '~')], document)
    return { ...resolve(target), ...Object.fromEntries(Object.entries(object).filter(([key]) => key !== '$ref')) }
  }
  const operations = new Map<string, Operation>()
  for (const [path, item] of Object.entries(document['paths'] as Json)) {
    const methods = resolve(item)
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      if (methods[method] === undefined) continue
      const operation = resolve(methods[method])
      const parameters = [...((methods['parameters'] ?? []) as unknown[]), ...((operation['parameters'] ?? []) as unknown[])].map(resolve)
      const named = (place: string) =>
        parameters.filter((parameter) => parameter['in'] === place).map((parameter) => String(parameter['name']))
      const content = (resolve(operation['requestBody'])['content'] ?? {}) as Json
      const types = ['application/json', 'application/scim+json', 'application/x-www-form-urlencoded']
      const type = types.find((known) => content[known] !== undefined)
      const responses = Object.values((operation['responses'] ?? {}) as Json).map(resolve)
      operations.set(`${method.toUpperCase()} ${path}`, {
        pathParams: named('path'),
        queryParams: named('query'),
        headerParams: named('header'),
        bodyFields: type === undefined ? [] : fieldsOf((content[type] as Json)['schema'], resolve),
        contentType: type === undefined ? null : type === 'application/x-www-form-urlencoded' ? 'form' : 'json',
        pages: responses.some((response) => 'text/html' in ((response['content'] ?? {}) as Json)),
      })
    }
  }
  return operations
}

function fieldsOf(node: unknown, resolve: (node: unknown) => Json, prefix: string[] = []): string[][] {
  if (prefix.length > 4) return []
  const schema = resolve(node)
  const found = new Map<string, string[]>()
  const add = (fields: string[][]) => fields.forEach((field) => found.set(field.join('\0'), field))
  for (const part of ['allOf', 'oneOf', 'anyOf'])
    for (const member of (schema[part] ?? []) as unknown[]) add(fieldsOf(member, resolve, prefix))
  for (const [name, property] of Object.entries((schema['properties'] ?? {}) as Json))
    add([[...prefix, name], ...fieldsOf(property, resolve, [...prefix, name])])
  if (schema['items'] !== undefined) add([[...prefix, '0'], ...fieldsOf(schema['items'], resolve, [...prefix, '0'])])
  // A free-form object: a name of its own choosing.
  if (schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false) add([[...prefix, 'anything']])
  return [...found.values()]
}
