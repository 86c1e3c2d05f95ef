// `npm run generate -w @portico/openapi-types`: the SDKs' types from the OpenAPI files, in camelCase as the SDKs speak.
// `-- --check` writes nothing and fails when a committed file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const TARGETS = [
  { source: 'openapi/control-plane.yaml', target: 'libs/sdk-js/generated.ts' },
  { source: 'openapi/data-plane.yaml', target: 'libs/sdk-app/generated.ts' },
]

// Limit names are also the names of counters in logs and metrics, and claims are spelled as RFC 7519 spells them: one spelling everywhere.
const ALWAYS_VERBATIM = ['limits', 'claims']

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

/** The text of one generated file. */
export async function generate(source) {
  const document = parse(readFileSync(ROOT + source, 'utf8'))
  const maps = new Set()
  const verbatimSchemas = new Set()
  const structs = new Set()
  inspect(document, document, maps, structs)
  for (const name of ALWAYS_VERBATIM) if (structs.delete(name)) maps.add(name)
  collectVerbatimSchemas(document, maps, verbatimSchemas)
  const both = [...maps].filter((name) => structs.has(name))
  if (both.length > 0) throw new Error(`${source}: ${both.join(', ')} is a map in one place and an object with fixed fields in another`)
  const schemas = Object.fromEntries(
    [...Object.entries(document.components?.schemas ?? {}), ...inputSchemas(document)].map(([name, schema]) => [
      name,
      verbatimSchemas.has(name) ? schema : camelSchema(schema, maps),
    ]),
  )
  const types = astToString(
    await openapiTS({ openapi: '3.1.0', info: document.info, paths: {}, components: { schemas } }, { alphabetize: true }),
  )
  const body = types.slice(types.indexOf('export interface components'), types.indexOf('export type $defs'))
  return [
    `// Written by tools/openapi-types from ${source}: change that file and run \`npm run generate -w @portico/openapi-types\`.`,
    '',
    '/** Fields whose keys are the caller’s data: their contents are sent and answered as they are. */',
    `export const VERBATIM_FIELDS: readonly string[] = ${list([...maps].toSorted())}`,
    '',
    '/** The closed catalogue of refusals: openapi/errors.md. */',
    `export type ErrorCode =\n${errorCodes().map((code) => `  | '${code}'`).join('\n')}`,
    '',
    tidy(body),
  ].join('\n')
}

const list = (names) => `[${names.map((name) => `'${name}'`).join(', ')}]`

function errorCodes() {
  return [...readFileSync(`${ROOT}openapi/errors.md`, 'utf8').matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code)
}

/** What a call takes, as schemas: `createProject` has `CreateProjectBody`, `listProjects` has `ListProjectsQuery`. */
function inputSchemas(document) {
  const found = []
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of METHODS.flatMap((method) => item[method] ?? [])) {
      const name = operation.operationId[0].toUpperCase() + operation.operationId.slice(1)
      const body = resolve(operation.requestBody, document)?.content['application/json']?.schema
      // A class of the same name describes it already.
      if (body && body.$ref !== `#/components/schemas/${name}Body`) {
        // Else one of two bodies would be typed as the other.
        if (document.components?.schemas?.[`${name}Body`]) throw new Error(`${operation.operationId} does not take ${name}Body: rename that class`)
        found.push([`${name}Body`, body])
      }
      const query = (operation.parameters ?? [])
        .map((parameter) => resolve(parameter, document))
        .filter((parameter) => parameter.in === 'query')
      if (query.length === 0) continue
      const properties = Object.fromEntries(
        query.map((parameter) => [parameter.name, { description: parameter.description, ...parameter.schema }]),
      )
      const required = query.filter((parameter) => parameter.required).map((parameter) => parameter.name)
      found.push([`${name}Query`, { type: 'object', properties, required, additionalProperties: false }])
    }
  }
  return found
}

/** Which property names stand for maps (any key allowed, none named), which for objects with named fields. */
function inspect(node, document, maps, structs) {
  if (typeof node !== 'object' || node === null) return
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    const schema = resolve(property, document)
    if (isMap(schema)) maps.add(name)
    else if (isStruct(schema)) structs.add(name)
  }
  for (const child of Object.values(node)) inspect(child, document, maps, structs)
}

/** A component that a verbatim field points at keeps its spelling as well. */
function collectVerbatimSchemas(node, maps, found) {
  if (typeof node !== 'object' || node === null) return
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    if (maps.has(name) && property.$ref) found.add(property.$ref.split('/').at(-1))
  }
  for (const child of Object.values(node)) collectVerbatimSchemas(child, maps, found)
}

function resolve(schema, document) {
  if (!schema?.$ref) return schema
  return schema.$ref.slice(2).split('/').reduce((node, key) => node[key], document)
}

function isMap(schema) {
  const type = [schema?.type].flat()
  return type.includes('object') && !schema.properties && !schema.allOf && !schema.oneOf && schema.additionalProperties !== false
}

const isStruct = (schema) => Boolean(schema?.properties)

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())

function camelSchema(schema, maps) {
  if (Array.isArray(schema)) return schema.map((item) => camelSchema(item, maps))
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      copy.properties = Object.fromEntries(
        Object.entries(value).map(([name, property]) => [camel(name), maps.has(name) ? property : camelSchema(property, maps)]),
      )
    } else if (key === 'required' && Array.isArray(value)) copy.required = value.map(camel)
    // A default would make an optional field of an answer look required, and examples are in the wire's spelling.
    else if (key === 'example' || key === 'examples' || key === 'default') continue
    else copy[key] = camelSchema(value, maps)
  }
  return copy
}

function tidy(text) {
  return text
    .replace(/^( +)/gm, (indent) => ' '.repeat(Math.floor(indent.length / 4) * 2 + (indent.length % 4)))
    .replace(/;$/gm, '')
    .replace(/\[key: string\]: /g, '[key: string]: ')
    .replace(/"([^"\\\n]*)"/g, (quoted, inside) => (inside.includes("'") ? quoted : `'${inside}'`))
    .trimEnd()
    .concat('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check')
  for (const { source, target } of TARGETS) {
    const wanted = await generate(source)
    if (!check) writeFileSync(ROOT + target, wanted)
    else if (readFileSync(ROOT + target, 'utf8') !== wanted) {
      console.error(`${target} is not what ${source} says. Run: npm run generate -w @portico/openapi-types`)
      process.exitCode = 1
    }
  }
}
