import { parse, type Filter } from 'scim2-parse-filter'
import { findAttribute, type Attribute, type ResourceType } from './attribute.js'
import { findPlace, type Place } from './attribute-path.js'
import { invalidFilter } from './scim-problem.js'

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'
export type Operand = string | number | boolean

/** A filter whose every name is one of a schema. `place` of a part of a value path is the part itself. */
export type Condition =
  | { kind: 'and' | 'or'; parts: Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'present'; place: Place }
  | { kind: 'compare'; op: Comparison; place: Place; value: Operand }
  /** At least one value of a list is so. */
  | { kind: 'some'; place: Place; part: Condition }
  /** Of a resource type that does not have the attribute: a search over all types may name what only one of them has. */
  | { kind: 'never' }

const MAX_LENGTH = 4_000
const MAX_DEPTH = 20
const MAX_TERMS = 100

/** Throws `invalidFilter`: for nonsense, for attributes that nobody declared, and for what is too long or too deep to be meant. */
export function readFilter(type: ResourceType, text: string, { unknown = 'refuse' }: { unknown?: 'refuse' | 'never' } = {}): Condition {
  return new Reader(type, unknown).read(parseFilter(text), null, 0)
}

/** The filter in the brackets of a path, about the values of one list. */
export function readValueFilter(type: ResourceType, list: Attribute, text: string): Condition {
  return new Reader(type, 'refuse').read(parseFilter(text), list, 0)
}

function parseFilter(text: string): Filter {
  if (text.length > MAX_LENGTH) throw invalidFilter(`The filter is longer than ${MAX_LENGTH} characters.`)
  // The parser calls itself for every bracket and `not`: a thousand of them must not reach it.
  if ((text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').match(/[([]|\bnot\b/gi) ?? []).length > MAX_DEPTH) {
    throw invalidFilter(`The filter is nested more than ${MAX_DEPTH} times.`)
  }
  try {
    return parse(text)
  } catch {
    throw invalidFilter('The filter cannot be read.')
  }
}

class Reader {
  #terms = 0

  constructor(
    private readonly type: ResourceType,
    private readonly unknown: 'refuse' | 'never',
  ) {}

  read(filter: Filter, list: Attribute | null, depth: number): Condition {
    if (depth > MAX_DEPTH) throw invalidFilter(`The filter is nested more than ${MAX_DEPTH} times.`)
    switch (filter.op) {
      case 'and':
      case 'or':
        return { kind: filter.op, parts: filter.filters.map((part) => this.read(part, list, depth + 1)) }
      case 'not':
        return { kind: 'not', part: this.read(filter.filter, list, depth + 1) }
      case '[]':
        return this.#some(filter.attrPath, filter.valFilter, list, depth)
      default:
        return this.#term(filter, list)
    }
  }

  #some(path: string, inner: Filter, list: Attribute | null, depth: number): Condition {
    if (list) throw invalidFilter('A value path holds no other.')
    const place = this.#place(path, null)
    if (!place) return { kind: 'never' }
    if (place.attribute.type !== 'complex' || place.sub) throw invalidFilter(`${place.attribute.name} has no parts.`)
    return { kind: 'some', place, part: this.read(inner, place.attribute, depth + 1) }
  }

  #term(filter: Exclude<Filter, { op: 'and' | 'or' | 'not' | '[]' }>, list: Attribute | null): Condition {
    this.#terms += 1
    if (this.#terms > MAX_TERMS) throw invalidFilter(`The filter has more than ${MAX_TERMS} terms.`)
    const place = this.#place(filter.attrPath, list)
    if (!place) return { kind: 'never' }
    if (list === null && place.attribute.multiValued) {
      // `emails co "x"` asks for its values, and `emails.type eq "x"` for any of them.
      const part = place.sub ?? valueOf(place.attribute)
      const whole: Place = { ...place, sub: null }
      if (filter.op === 'pr' && !place.sub) return { kind: 'present', place: whole }
      if (!part) throw invalidFilter(`${place.attribute.name} has no value to compare.`)
      const inner = termOf(filter, { extension: null, attribute: part, sub: null })
      // Nobody has such a value, rather than: somebody has another one.
      if (inner.kind === 'compare' && inner.op === 'ne') {
        return { kind: 'not', part: { kind: 'some', place: whole, part: { ...inner, op: 'eq' } } }
      }
      return { kind: 'some', place: whole, part: inner }
    }
    // `manager eq "id"` means its value, as Entra asks whether a reference is set.
    const value = place.sub === null && place.attribute.type === 'complex' && filter.op !== 'pr' ? valueOf(place.attribute) : null
    return termOf(filter, value && list === null ? { ...place, sub: value } : place)
  }

  #place(path: string, list: Attribute | null): Place | null {
    if (list) {
      const part = findAttribute(list.subAttributes ?? [], path.replace(new RegExp(`^${list.name.replace('$', '\\$')}\\.`, 'i'), ''))
      if (!part) throw invalidFilter(`${list.name} has no such part.`)
      return { extension: null, attribute: part, sub: null }
    }
    const place = findPlace(this.type, path)
    if (place?.attribute && isFilterable(place)) return place
    if (this.unknown === 'never') return null
    throw invalidFilter('The filter names an attribute that cannot be filtered by.')
  }
}

/** A value is a JSON string (RFC 7644, 3.4.2.2); the parser takes every backslash but that before a quotation mark for itself. */
function unescaped<T>(value: T): T | string {
  if (typeof value !== 'string') return value
  return value.replaceAll(/\\(?:([\\/])|u([0-9a-fA-F]{4}))/g, (_, plain: string | undefined, code: string) =>
    plain ?? String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** What stands in a list: the part `value` of each, or each itself. */
function valueOf(attribute: Attribute): Attribute | null {
  if (attribute.type !== 'complex') return { ...attribute, name: 'value', multiValued: false }
  return findAttribute(attribute.subAttributes ?? [], 'value')
}

/** What is computed for the answer is in no column. */
function isFilterable({ attribute, sub }: Place): boolean {
  if (attribute.name === 'schemas' || attribute.name === 'groups') return false
  return attribute.name !== 'meta' || sub?.name === 'created' || sub?.name === 'lastModified'
}

function termOf(filter: Exclude<Filter, { op: 'and' | 'or' | 'not' | '[]' }>, place: Place): Condition {
  if (filter.op === 'pr') return { kind: 'present', place }
  const { type, name } = place.sub ?? place.attribute
  const { op } = filter
  const value = unescaped(filter.compValue)
  if (value === null) {
    if (op === 'eq') return { kind: 'not', part: { kind: 'present', place } }
    if (op === 'ne') return { kind: 'present', place }
    throw invalidFilter('null can only be equal or not.')
  }
  if (type === 'complex') throw invalidFilter(`${name} has parts: name the one that is meant.`)
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) throw invalidFilter('A value is no text.')
  if (type === 'boolean') {
    const said = typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value
    if (typeof said !== 'boolean' || (op !== 'eq' && op !== 'ne')) throw invalidFilter(`${name} is true or false.`)
    return { kind: 'compare', op, place, value: said }
  }
  if (type === 'integer' || type === 'decimal') {
    if (typeof value !== 'number' || op === 'co' || op === 'sw' || op === 'ew') throw invalidFilter(`${name} is a number.`)
    return { kind: 'compare', op, place, value }
  }
  if (typeof value !== 'string') throw invalidFilter(`${name} is compared with a string.`)
  if (type !== 'dateTime') return { kind: 'compare', op, place, value }
  const at = /^\d{4}-\d{2}-\d{2}/.test(value) ? new Date(value) : null
  if (!at || Number.isNaN(at.getTime()) || op === 'co' || op === 'sw' || op === 'ew') throw invalidFilter(`${name} is a dateTime.`)
  return { kind: 'compare', op, place, value: at.toISOString() }
}
