import { findAttribute, type Attribute } from './attribute.js'
import { matchesValue, valueThatMatches } from './match-value.js'
import type { Condition } from './filter.js'
import { keyOfValue, readOne, readSimple, readValue, type Parts, type Simple, type Value, type Values } from './read-value.js'
import { invalidValue, mutability, noTarget } from './scim-problem.js'

type Item = Simple | Parts

interface Change {
  op: 'add' | 'remove' | 'replace'
  attribute: Attribute
  condition: Condition | null
  sub: Attribute | null
  value: unknown
}

/** One operation on one attribute of the core or of an extension. `values` is changed in place, under names of the schema alone. */
export function changeAttribute(values: Values, change: Change): void {
  const { attribute, sub, op } = change
  if (attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly') {
    throw mutability(`${attribute.name}${sub ? `.${sub.name}` : ''} is read-only.`)
  }
  const after = attribute.multiValued ? changedList(asList(values[attribute.name]), change) : changedOne(values[attribute.name], change)
  if (after === undefined && attribute.required) throw mutability(`${attribute.name} is required.`)
  if (after === undefined) delete values[attribute.name]
  else values[attribute.name] = after
  if (op !== 'remove' && attribute.required && after === '') throw invalidValue(`${attribute.name} is required.`)
}

function asList(value: Value | undefined): Item[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function changedOne(before: Value | undefined, { op, attribute, sub, value }: Change): Value | undefined {
  const parts = typeof before === 'object' && !Array.isArray(before) ? before : {}
  if (sub) return op === 'remove' ? withoutPart(parts, sub) : withPart(parts, sub, value)
  if (op === 'remove') return undefined
  const read = readValue(attribute, value)
  // Nothing at all takes the whole away, and adds nothing.
  if (read === undefined) return op === 'add' ? before : undefined
  // Parts that are not named stay (RFC 7644, 3.5.2.1 and 3.5.2.3).
  return attribute.type === 'complex' ? { ...parts, ...(read as Parts) } : read
}

function withPart(parts: Parts, sub: Attribute, value: unknown): Parts | undefined {
  if (value === null || value === undefined) return withoutPart(parts, sub)
  return { ...parts, [sub.name]: readSimple(sub, value) }
}

function withoutPart(parts: Parts, sub: Attribute): Parts | undefined {
  const kept = Object.entries(parts).filter(([name]) => name !== sub.name)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function changedList(before: Item[], change: Change): Value | undefined {
  const after = change.op === 'remove' ? removed(before, change) : given(before, change)
  return after.length === 0 ? undefined : after
}

function given(before: Item[], change: Change): Item[] {
  const { attribute, condition, sub, op, value } = change
  if (!condition && !sub) {
    const read = asList(readValue(attribute, value))
    return op === 'replace' ? read : read.reduce<Item[]>((items, item) => withItem(items, item), before)
  }
  const chosen = (item: Item) => condition === null || matchesValue(item, condition)
  if (!before.some(chosen)) return [...preferred(before, newItem(change)), newItem(change)]
  if (sub) {
    return before.flatMap((item) => {
      if (!chosen(item)) return [item]
      const after = withPart(partsOf(item), sub, value)
      return after === undefined ? [] : [after]
    })
  }
  const read = readOne(attribute, Array.isArray(value) ? value[0] : value)
  if (read === undefined) return before.filter((item) => !chosen(item))
  return before.map((item) => (chosen(item) ? (op === 'add' ? { ...partsOf(item), ...partsOf(read) } : read) : item))
}

/**
 * Entra names the value that it wants to make: `emails[type eq "work"].value`. RFC 7644, 3.5.2.3 would have a replace of it refused; for
 * the usual uses of a value, which are the ones that Entra sends, both ops are taken for an add, as Entra means them.
 */
function newItem({ op, attribute, condition, sub, value }: Change): Item {
  const named = condition === null ? {} : valueThatMatches(condition)
  if (!named || (op === 'replace' && !isUsual(attribute, named))) throw noTarget(`No value of ${attribute.name} is as the path says.`)
  if (sub) return { ...named, [sub.name]: readSimple(sub, value) }
  const read = readOne(attribute, Array.isArray(value) ? value[0] : value)
  if (read === undefined) throw invalidValue(`${attribute.name} needs a value.`)
  return { ...named, ...partsOf(read) }
}

function isUsual({ subAttributes = [] }: Attribute, { type }: Parts): boolean {
  const usual = findAttribute(subAttributes, 'type')?.canonicalValues ?? []
  return usual.length === 0 || typeof type !== 'string' || usual.includes(type.toLowerCase())
}

/** A value that is there already is not there twice; one that is to be preferred takes that from the others (RFC 7644, 3.5.2). */
function withItem(items: Item[], item: Item): Item[] {
  const same = items.findIndex((each) => keyOfValue(each) === keyOfValue(item))
  const others = preferred(same < 0 ? items : items.toSpliced(same, 1), item)
  return same < 0 ? [...others, item] : others.toSpliced(same, 0, item)
}

function preferred(items: Item[], item: Item): Item[] {
  if (typeof item !== 'object' || item['primary'] !== true) return items
  return items.map((each) => (typeof each === 'object' && each['primary'] === true ? { ...each, primary: false } : each))
}

function removed(before: Item[], { attribute, condition, sub, value }: Change): Item[] {
  if (!condition && !sub) {
    // Entra: `{"op": "Remove", "path": "members", "value": [{"value": "…"}]}` takes these away and no others.
    if (value === undefined || value === null) return []
    const keys = asList(readValue(attribute, value)).map(valueOf)
    return before.filter((item) => !keys.includes(valueOf(item)))
  }
  const chosen = (item: Item) => condition === null || matchesValue(item, condition)
  if (!sub) return before.filter((item) => !chosen(item))
  const main = findAttribute(attribute.subAttributes ?? [], 'value')
  return before.flatMap((item) => {
    if (!chosen(item)) return [item]
    const after = withoutPart(partsOf(item), sub)
    // Without its value the entry says nothing.
    return after === undefined || sub === main ? [] : [after]
  })
}

function partsOf(item: Item): Parts {
  return typeof item === 'object' ? item : { value: item }
}

function valueOf(item: Item): Simple {
  return typeof item === 'object' ? (item['value'] ?? JSON.stringify(item)) : item
}
