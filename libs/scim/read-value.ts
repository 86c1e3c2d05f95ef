import { findAttribute, type Attribute } from './attribute.js'
import { invalidValue } from './scim-problem.js'

export type Simple = string | number | boolean
/** One value of a list, or an attribute of parts. */
export type Parts = { [name: string]: Simple }
export type Value = Simple | Parts | (Simple | Parts)[]
/** By the names that the schema gives them, and no others. */
export type Values = { [name: string]: Value }

const MAX_TEXT = 4_096
const MAX_BINARY = 32_768
const MAX_VALUES = 100

/**
 * What stands for an attribute, read: in the form of its schema, or `undefined` where nothing is assigned (null and an empty list are the
 * same as absent, RFC 7643, 2.5). Parts that the schema does not know, or that are ours to say, are left out.
 */
export function readValue(attribute: Attribute, given: unknown): Value | undefined {
  if (given === null || given === undefined) return undefined
  if (!attribute.multiValued) return readOne(attribute, Array.isArray(given) && given.length === 1 ? given[0] : given)
  // Some clients send a single value bare.
  const values = Array.isArray(given) ? (given as unknown[]) : [given]
  if (values.length > MAX_VALUES) throw invalidValue(`${attribute.name} has more than ${MAX_VALUES} values.`)
  const read = values.map((value) => readOne(attribute, value)).filter((value) => value !== undefined)
  if (read.filter((value) => typeof value === 'object' && value['primary'] === true).length > 1) {
    throw invalidValue(`${attribute.name} has more than one primary value.`)
  }
  return read.length === 0 ? undefined : once(read)
}

/** The same value for the same use stands in a list once (RFC 7643, 2.4); the first one stays. */
function once(values: (Simple | Parts)[]): (Simple | Parts)[] {
  const seen = new Set<string>()
  return values.filter((value) => {
    const key = keyOfValue(value)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Two entries of a list are the same when value and use are. */
export function keyOfValue(value: Simple | Parts): string {
  if (typeof value !== 'object') return JSON.stringify(value)
  if (value['value'] === undefined) return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify([value['value'], value['type'] ?? null])
}

/** One value of it, which for a list is one of several. */
export function readOne(attribute: Attribute, given: unknown): Simple | Parts | undefined {
  if (given === null || given === undefined) return undefined
  if (attribute.type !== 'complex') return readSimple(attribute, given)
  const parts = attribute.subAttributes ?? []
  // `manager: "id"` and `roles: ["admin"]` mean their `value`.
  const main = findAttribute(parts, 'value')
  if (typeof given !== 'object' && main) return { [main.name]: readSimple(main, given) }
  if (typeof given !== 'object' || Array.isArray(given)) throw invalidValue(`${attribute.name} must be an object.`)
  const read: Parts = {}
  for (const [name, value] of Object.entries(given)) {
    const part = findAttribute(parts, name)
    if (!part || part.mutability === 'readOnly' || value === null || value === undefined) continue
    read[part.name] = readSimple(part, value)
  }
  return Object.keys(read).length === 0 ? undefined : read
}

/** Entra says booleans as `"True"`; numbers may come as text too. */
export function readSimple(attribute: Attribute, given: unknown): Simple {
  const { name, type } = attribute
  switch (type) {
    case 'boolean':
      if (typeof given === 'boolean') return given
      if (typeof given === 'string' && /^(true|false)$/i.test(given)) return given.toLowerCase() === 'true'
      throw invalidValue(`${name} must be true or false.`)
    case 'integer':
    case 'decimal': {
      const number = typeof given === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(given) ? Number(given) : given
      if (typeof number !== 'number' || !Number.isFinite(number) || (type === 'integer' && !Number.isSafeInteger(number))) {
        throw invalidValue(`${name} must be ${type === 'integer' ? 'an integer' : 'a number'}.`)
      }
      return number
    }
    case 'dateTime':
      return readInstant(name, readText(name, given, MAX_TEXT))
    default:
      return readText(name, given, type === 'binary' ? MAX_BINARY : MAX_TEXT)
  }
}

// RFC 7643, 2.3.5: the dateTime of XML Schema.
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/

export function readInstant(name: string, given: string): string {
  const at = INSTANT.test(given) ? new Date(/(Z|[+-]\d{2}:\d{2})$/.test(given) ? given : `${given}Z`) : null
  if (!at || Number.isNaN(at.getTime())) throw invalidValue(`${name} must be a dateTime, like 2026-01-31T12:00:00Z.`)
  return at.toISOString()
}

/** Neither U+0000 nor half a character: PostgreSQL stores neither. */
export function readText(name: string, given: unknown, maxLength: number): string {
  if (typeof given !== 'string') throw invalidValue(`${name} must be a string.`)
  if (given.length > maxLength) throw invalidValue(`${name} is longer than ${maxLength} characters.`)
  if (given.includes('\0') || !given.isWellFormed()) throw invalidValue(`${name} holds what is no text.`)
  return given
}
