import type { ResourceType } from './attribute.js'
import { findPlace, type ExtensionPlace, type Place } from './attribute-path.js'

export interface Shown {
  /** Only these, besides what is always said. */
  attributes: readonly string[] | null
  excluded: readonly string[]
}

type Json = { [name: string]: unknown }

const ALWAYS = new Set(['id', 'schemas'])

/** What the client wants to see of a resource (RFC 7644, 3.9). Names that nobody knows are passed over. */
export function project(type: ResourceType, resource: Json, { attributes, excluded }: Shown): Json {
  if (attributes !== null) return only(resource, placesOf(type, attributes))
  return excluded.length === 0 ? resource : without(resource, placesOf(type, excluded))
}

/** Whether an attribute of the core would be seen: what is not asked for need not be read. */
export function isShown(type: ResourceType, name: string, { attributes, excluded }: Shown): boolean {
  const names = (paths: readonly string[]) => placesOf(type, paths).filter((place) => place.attribute?.name === name)
  return attributes === null ? names(excluded).every((place) => place.attribute && place.sub) : names(attributes).length > 0
}

function placesOf(type: ResourceType, paths: readonly string[]): (Place | ExtensionPlace)[] {
  return paths.map((path) => findPlace(type, path.trim())).filter((place) => place !== null)
}

function only(resource: Json, places: readonly (Place | ExtensionPlace)[]): Json {
  const shown: Json = {}
  for (const [name, value] of Object.entries(resource)) if (ALWAYS.has(name)) shown[name] = value
  for (const place of places) {
    if (place.attribute === null) {
      if (resource[place.extension] !== undefined) shown[place.extension] = resource[place.extension]
      continue
    }
    const { extension, attribute, sub } = place
    const source = (extension === null ? resource : (resource[extension] ?? {})) as Json
    const value = source[attribute.name]
    if (value === undefined) continue
    const target = extension === null ? shown : ((shown[extension] ??= {}) as Json)
    target[attribute.name] = sub ? merged(target[attribute.name], value, sub.name) : value
  }
  return shown
}

/** One more part of each value. */
function merged(shown: unknown, value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value.map((each, at) => merged((shown as unknown[] | undefined)?.[at], each, part))
  if (typeof value !== 'object' || value === null) return value
  const found = (value as Json)[part]
  return { ...(shown as Json | undefined), ...(found === undefined ? {} : { [part]: found }) }
}

function without(resource: Json, places: readonly (Place | ExtensionPlace)[]): Json {
  const shown: Json = { ...resource }
  for (const place of places) {
    if (place.attribute === null) {
      delete shown[place.extension]
      continue
    }
    const { extension, attribute, sub } = place
    if (ALWAYS.has(attribute.name)) continue
    if (extension === null) strip(shown, attribute.name, sub?.name)
    else if (shown[extension] !== undefined) {
      const part = { ...(shown[extension] as Json) }
      strip(part, attribute.name, sub?.name)
      shown[extension] = part
    }
  }
  return shown
}

function strip(from: Json, name: string, part: string | undefined): void {
  if (part === undefined) delete from[name]
  else if (from[name] !== undefined) from[name] = withoutPart(from[name], part)
}

function withoutPart(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutPart(each, part))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== part))
}
