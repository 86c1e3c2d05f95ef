import type { ResourceType } from './attribute.js'
import type { PatchOperation } from './patch-operations.js'
import { readPatchPath, unknownPath, type Target } from './patch-path.js'
import { changeAttribute } from './patch-values.js'
import { checkResource, MAX_KEY, readExtension, type Resource } from './resource.js'
import { readText } from './read-value.js'
import { invalidValue, mutability } from './scim-problem.js'

/** What we say of a resource, and what clients send back as they got it. */
const OURS = new Set(['id', 'meta', 'schemas', 'groups'])

/**
 * The resource after a PATCH, all operations or none. The one that is given is not changed. No path and no key of a value becomes a key of
 * an object unless a schema declares it, so nothing reaches a prototype.
 */
export function patchResource(type: ResourceType, resource: Resource, operations: readonly PatchOperation[]): Resource {
  const after = structuredClone(resource)
  for (const { op, path, value } of operations) {
    if (path !== null) change(type, after, op, readPatchPath(type, path), value)
    else for (const [key, each] of partsOfValue(value)) change(type, after, op, readPatchPath(type, key), each)
  }
  return checkResource(type, after)
}

/** The keys of a value without a path are paths (Entra, Okta), but for what the client only repeats. */
export function partsOfValue(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidValue('Without a path the value must be an object.')
  return Object.entries(value).filter(([key]) => !OURS.has(key.toLowerCase()))
}

function change(type: ResourceType, resource: Resource, op: PatchOperation['op'], target: Target, value: unknown): void {
  if (target.kind === 'extension') return changeExtension(type, resource, op, target.extension, value)
  const { attribute, extension, condition, sub } = target
  if (attribute.name === 'externalId') {
    const absent = op === 'remove' || value === null || value === undefined
    resource.externalId = absent ? null : readText('externalId', value, MAX_KEY)
    return
  }
  if (OURS.has(attribute.name)) throw mutability(`${attribute.name} is read-only.`)
  // A key of its own from the schema, never from the request.
  const values = extension === null ? resource.core : (resource.extensions[extension] ??= {})
  changeAttribute(values, { op, attribute, condition, sub, value })
}

function changeExtension(type: ResourceType, resource: Resource, op: PatchOperation['op'], urn: string, value: unknown): void {
  const extension = type.extensions.find(({ id }) => id === urn)
  if (!extension) throw unknownPath()
  if (op === 'remove' || value === null || value === undefined) {
    delete resource.extensions[urn]
    return
  }
  const values = (resource.extensions[urn] ??= {})
  for (const [name, each] of Object.entries(readExtension(extension, value))) {
    const attribute = extension.attributes.find((known) => known.name === name)
    if (attribute) changeAttribute(values, { op, attribute, condition: null, sub: null, value: each })
  }
}
