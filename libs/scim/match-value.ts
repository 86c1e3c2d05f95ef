import type { Condition, Operand } from './filter.js'
import type { Parts, Simple } from './read-value.js'

/** Whether one value of a list is as the filter in the brackets of a path says. */
export function matchesValue(value: Simple | Parts, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => matchesValue(value, part))
    case 'or':
      return condition.parts.some((part) => matchesValue(value, part))
    case 'not':
      return !matchesValue(value, condition.part)
    case 'present':
      return partOf(value, condition.place.attribute.name) !== undefined
    case 'compare': {
      const { caseExact, name, type } = condition.place.attribute
      const here = partOf(value, name)
      // An absent boolean is false: Entra asks for `primary eq true` and its opposite.
      return compares(here ?? (type === 'boolean' ? false : undefined), condition.op, condition.value, caseExact)
    }
    default:
      return false
  }
}

/**
 * What a value has to say so that the filter finds it, where that is plain: `type eq "work"`, also several of them with `and`. Entra sets
 * the address for work of somebody who has none by naming it so. `null`: the filter does not say.
 */
export function valueThatMatches(condition: Condition): Parts | null {
  if (condition.kind === 'compare' && condition.op === 'eq') return { [condition.place.attribute.name]: condition.value }
  if (condition.kind !== 'and') return null
  const parts: Parts = {}
  for (const part of condition.parts) {
    const said = valueThatMatches(part)
    if (!said) return null
    Object.assign(parts, said)
  }
  return parts
}

function partOf(value: Simple | Parts, name: string): Simple | undefined {
  if (typeof value !== 'object') return name === 'value' ? value : undefined
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function compares(here: Simple | undefined, op: string, wanted: Operand, caseExact: boolean): boolean {
  if (here === undefined) return op === 'ne'
  const [a, b] = typeof here === 'string' && typeof wanted === 'string' && !caseExact
    ? [here.toLowerCase(), wanted.toLowerCase()]
    : [here, wanted]
  switch (op) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'co':
      return String(a).includes(String(b))
    case 'sw':
      return String(a).startsWith(String(b))
    case 'ew':
      return String(a).endsWith(String(b))
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'lt':
      return a < b
    default:
      return a <= b
  }
}
