// The query parameters of operations, from the class that reads each query.
import { parse, parseDocument, stringify } from 'yaml'
import { bodyClasses } from './body-classes.mjs'
import { mergeField } from './merge-field.mjs'
import { routesOf } from './routes.mjs'
import { schemaOf } from './schema-of.mjs'

/** The text with every documented route's query parameters as its class says; words, path parameters and what is right already stay. */
export async function putQueryParameters(text, { app, prefix }) {
  const classes = new Map(await bodyClasses(app))
  const document = parse(text)
  const { schemas } = document.components
  const shared = new Map()
  const changes = []
  for (const { name, query } of routesOf(app, prefix)) {
    const [method, path] = name.split(' ')
    const operation = document.paths[path]?.[method.toLowerCase()]
    if (query === null || operation === undefined) continue
    const { properties, required } = schemaOf(classes.get(query))
    const left = new Map(Object.entries(properties))
    const before = operation.parameters ?? []
    const kept = before.flatMap((parameter) => {
      const target = resolve(document, parameter)
      if (target.in !== 'query') return [parameter]
      const rules = left.get(target.name)
      if (rules === undefined) return []
      left.delete(target.name)
      const merged = merge(query, target, rules, required.includes(target.name), schemas)
      if (parameter.$ref === undefined) return [merged]
      // Shared by several operations: their classes must agree.
      const earlier = shared.get(parameter.$ref)
      if (earlier !== undefined && !same(earlier, merged)) throw new Error(`${name}: ${parameter.$ref} has another rule elsewhere`)
      shared.set(parameter.$ref, merged)
      return [parameter]
    })
    const added = [...left].map(([field, rules]) => merge(query, { name: field, in: 'query' }, rules, required.includes(field), schemas))
    const after = [...kept, ...added]
    if (!same(before, after)) changes.push({ at: ['paths', path, method.toLowerCase(), 'parameters'], value: after })
  }
  for (const [reference, value] of shared) {
    if (!same(resolve(document, { $ref: reference }), value)) changes.push({ at: reference.slice(2).split('/'), value })
  }
  return changes.reduce(replaceAt, text)
}

function merge(name, { required: before, schema = {}, ...words }, rules, required, schemas) {
  return {
    ...words,
    // `required: false` says nothing, and stays where it stands.
    ...((required || before === false) && { required }),
    schema: mergeField(`${name}.${words.name}`, rules, schema, schemas),
  }
}

function resolve(document, node) {
  if (node.$ref === undefined) return node
  return resolve(document, node.$ref.slice(2).split('/').reduce((at, key) => at[key.replaceAll('~1', '/')], document))
}

/** Replaces what stands at a place of the text, or adds it as the last entry of its operation, and nothing else. */
function replaceAt(text, { at, value }) {
  const document = parseDocument(text)
  const node = document.getIn(at, true)
  if (node === undefined) throw new Error(`${at.join('.')}: write \`parameters: []\` there first`)
  const [start, end] = node.range
  const column = start - (text.lastIndexOf('\n', start) + 1)
  const lines = stringify(value, { indent: 2, lineWidth: 140, aliasDuplicateObjects: false, compat: 'yaml-1.1' }).trimEnd().split('\n')
  // A list in brackets becomes one in lines, two columns in from its key.
  const inline = text.slice(text.lastIndexOf('\n', start) + 1, start).trim() !== ''
  const indent = ' '.repeat(inline ? text.slice(text.lastIndexOf('\n', start) + 1).search(/\S/) + 2 : column)
  const written = lines.map((line, index) => (index === 0 && !inline ? line : indent + line)).join('\n')
  const rest = text.slice(start, end)
  return text.slice(0, inline ? start - 1 : start) + (inline ? '\n' : '') + written + rest.slice(rest.trimEnd().length) + text.slice(end)
}

function same(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

/** Whatever the order of the names; `required: false` says nothing. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name, inner]) => name !== 'required' || inner !== false)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]))
}
