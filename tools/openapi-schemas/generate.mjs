// `npm run generate -w @portico/openapi-schemas` (after `npm run build`): what a request body and a query may hold, in openapi/*.yaml,
// from the classes of apps/*/**/*.body.ts that read them. The rules (type, required, lengths, allowed values) are the class's; the words
// (description, default, format, a shared schema that a field points at) are kept as they stand in the file. `-- --check` writes nothing
// and fails when a committed file is not what it would write; `-- --list` prints what the classes say.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { bodyClasses } from './body-classes.mjs'
import { mergeField } from './merge-field.mjs'
import { putQueryParameters } from './query-parameters.mjs'
import { routesOf } from './routes.mjs'
import { schemaOf } from './schema-of.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const TARGETS = [
  { file: 'openapi/control-plane.yaml', app: 'apps/control-plane', prefix: '/api/v1' },
  { file: 'openapi/data-plane.yaml', app: 'apps/data-plane', prefix: '/auth' },
]

export async function generate(text, { app, prefix }) {
  const { schemas } = parse(text).components
  let written = text
  for (const [name, body] of await bodyClasses(app)) {
    if (!name.endsWith('Query')) written = putSchema(written, name, mergeSchema(name, schemaOf(body), schemas))
  }
  return putQueryParameters(written, { app, prefix })
}

function mergeSchema(name, { properties, required }, schemas) {
  const before = schemas[name] ?? {}
  const merge = ([field, rules]) => [field, mergeField(`${name}.${field}`, rules, before.properties?.[field] ?? {}, schemas)]
  return {
    type: 'object',
    ...(before.description !== undefined && { description: before.description }),
    properties: Object.fromEntries(Object.entries(properties).map(merge)),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

/** Replaces `components.schemas[name]`, or adds it as the last one, and nothing else of the file. */
function putSchema(text, name, schema) {
  const lines = text.split('\n')
  const section = lines.indexOf('  schemas:', lines.indexOf('components:'))
  const sectionEnd = endOf(lines, section, 2)
  const found = lines.findIndex(
    (line, at) => at > section && at < sectionEnd && (line === `    ${name}:` || line.startsWith(`    ${name}: `)),
  )
  const [start, end] = found === -1 ? [sectionEnd, sectionEnd] : [found, endOf(lines, found, 4)]
  const written = stringify({ [name]: schema }, { indent: 2, lineWidth: 140, aliasDuplicateObjects: false, compat: 'yaml-1.1' }).trimEnd()
  return [...lines.slice(0, start), ...written.split('\n').map((line) => (line === '' ? '' : `    ${line}`)), ...lines.slice(end)].join(
    '\n',
  )
}

/** The first line after `start` that stands as far left, or the end of the text. */
function endOf(lines, start, indent) {
  const after = lines.slice(start + 1).findIndex((line) => line !== '' && line.search(/\S/) <= indent)
  if (after !== -1) return start + 1 + after
  return lines.at(-1) === '' ? lines.length - 1 : lines.length
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--list')) await list()
  else await write(process.argv.includes('--check'))
}

async function list() {
  const said = {}
  for (const { file, app, prefix } of TARGETS) {
    const classes = Object.fromEntries((await bodyClasses(app)).map(([name, body]) => [name, schemaOf(body)]))
    said[file] = { classes, routes: routesOf(app, prefix) }
  }
  console.log(JSON.stringify(said))
}

async function write(check) {
  for (const { file, ...target } of TARGETS) {
    const before = readFileSync(ROOT + file, 'utf8')
    const after = await generate(before, target)
    if (before === after) continue
    if (check) {
      console.error(`${file} is stale: npm run generate`)
      process.exitCode = 1
    } else {
      writeFileSync(ROOT + file, after)
      console.log(`wrote ${file}`)
    }
  }
}
