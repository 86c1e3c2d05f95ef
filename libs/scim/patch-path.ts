import { findAttribute, type Attribute, type ResourceType } from './attribute.js'
import { findPlace } from './attribute-path.js'
import { readValueFilter, type Condition } from './filter.js'
import { invalidPath, noTarget } from './scim-problem.js'

/** What one operation is about. */
export type Target =
  | { kind: 'extension'; extension: string }
  | {
      kind: 'attribute'
      extension: string | null
      attribute: Attribute
      /** The values of a list that are meant; `null`: all. */
      condition: Condition | null
      sub: Attribute | null
    }

const MAX_PATH = 2_000

/**
 * `attribute`, `attribute.part`, `list[filter]` and `list[filter].part`, with the URN of a schema before them (RFC 7644, figure 7).
 * Names are looked up in the schema; whatever is not declared there, `__proto__` as well as a typing error, is `invalidPath`.
 */
export function readPatchPath(type: ResourceType, path: string): Target {
  if (path.length > MAX_PATH) throw invalidPath('The path is too long.')
  const open = path.indexOf('[')
  if (open < 0) {
    const place = findPlace(type, path)
    if (!place) throw unknownPath()
    if (place.attribute === null) return { kind: 'extension', extension: place.extension }
    return { kind: 'attribute', ...place, condition: null }
  }
  const close = closingBracket(path, open)
  const place = findPlace(type, path.slice(0, open))
  if (!place || place.attribute === null || place.sub) throw unknownPath()
  const { attribute, extension } = place
  if (!attribute.multiValued || attribute.type !== 'complex') throw noTarget(`${attribute.name} is no list of values to choose from.`)
  const condition = readValueFilter(type, attribute, path.slice(open + 1, close))
  const rest = path.slice(close + 1)
  if (rest === '') return { kind: 'attribute', extension, attribute, condition, sub: null }
  const sub = rest.startsWith('.') ? findAttribute(attribute.subAttributes ?? [], rest.slice(1)) : null
  if (!sub) throw unknownPath()
  return { kind: 'attribute', extension, attribute, condition, sub }
}

export const unknownPath = () => invalidPath('The path names an attribute that no schema here declares.')

/** The bracket that closes, which is not one within a quoted value. */
function closingBracket(path: string, open: number): number {
  let quoted = false
  for (let at = open + 1; at < path.length; at++) {
    if (quoted && path[at] === '\\') at += 1
    else if (path[at] === '"') quoted = !quoted
    else if (path[at] === ']' && !quoted) return at
  }
  throw invalidPath('A bracket of the path is not closed.')
}
