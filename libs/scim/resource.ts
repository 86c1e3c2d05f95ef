import { findAttribute, type ResourceType, type Schema } from './attribute.js'
import { readText, readValue, type Values } from './read-value.js'
import { invalidSyntax, invalidValue } from './scim-problem.js'

/** What a client says of a resource, without what we say of it (id, meta, groups) and without the members of a group. */
export interface Resource {
  externalId: string | null
  core: Values
  /** By URN, in the case of the schema. */
  extensions: { [urn: string]: Values }
}

/** What is looked up by an index, whose rows PostgreSQL keeps below 2,704 bytes. */
export const MAX_KEY = 500
const MAX_BYTES = 96 * 1024

/**
 * The body of a POST or PUT. Attributes that no schema declares are left out, like those that are ours to say (RFC 7644, 3.3 and 3.5.1);
 * a required one that is missing is refused. Names may come in any case.
 */
export function readResource(type: ResourceType, body: unknown): Resource {
  const given = asObject(body)
  requireSchema(type, given)
  const resource: Resource = { externalId: null, core: {}, extensions: {} }
  for (const [name, value] of Object.entries(given)) {
    if (name.toLowerCase() === 'externalid') {
      if (value !== null && value !== undefined) resource.externalId = readText('externalId', value, MAX_KEY)
      continue
    }
    const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase())
    if (!extension) readInto(type.schema, resource.core, name, value)
    else if (value !== null && value !== undefined) resource.extensions[extension.id] = readExtension(extension, value)
  }
  return checkResource(type, resource)
}

/** An extension by its own, as a part of a resource or as the value of a PATCH. */
export function readExtension(extension: Schema, value: unknown): Values {
  const values: Values = {}
  for (const [name, each] of Object.entries(asObject(value))) readInto(extension, values, name, each)
  return values
}

/** After reading or changing it: nothing required is missing, and it is not too large to keep. Empty extensions go. */
export function checkResource(type: ResourceType, resource: Resource): Resource {
  for (const { name, required, uniqueness } of type.schema.attributes) {
    const value = resource.core[name]
    if (uniqueness === 'server' && typeof value === 'string' && value.length > MAX_KEY) {
      throw invalidValue(`${name} is longer than ${MAX_KEY} characters.`)
    }
    if (required && (value === undefined || (typeof value === 'string' && value.trim() === ''))) {
      throw invalidValue(`${name} is required.`)
    }
  }
  const kept = Object.entries(resource.extensions).filter(([, values]) => Object.keys(values).length > 0)
  const checked = { ...resource, extensions: Object.fromEntries(kept) }
  if (JSON.stringify(checked).length > MAX_BYTES) throw invalidValue('The resource is too large.')
  return checked
}

/** Which schemas it has something of (RFC 7643, 3). */
export function schemasOf(type: ResourceType, resource: Resource): string[] {
  return [type.schema.id, ...type.extensions.map(({ id }) => id).filter((id) => resource.extensions[id] !== undefined)]
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidSyntax('This must be a JSON object.')
  return value as Record<string, unknown>
}

function requireSchema(type: ResourceType, given: Record<string, unknown>): void {
  const schemas = given['schemas']
  // Clients that leave it out mean the endpoint that they call.
  if (schemas === undefined) return
  if (!Array.isArray(schemas) || !schemas.every((each) => typeof each === 'string')) throw invalidSyntax('schemas must be a list of URNs.')
  const named = schemas.map((each) => (each as string).toLowerCase())
  if (!named.includes(type.schema.id.toLowerCase())) throw invalidSyntax(`schemas must name ${type.schema.id}.`)
}

function readInto(schema: Schema, values: Values, name: string, value: unknown): void {
  const attribute = findAttribute(schema.attributes, name)
  // The members of a group are rows of their own.
  if (!attribute || attribute.mutability === 'readOnly' || attribute.name === 'members') return
  const read = readValue(attribute, value)
  if (read !== undefined) values[attribute.name] = read
}
