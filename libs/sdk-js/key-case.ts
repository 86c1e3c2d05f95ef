import { VERBATIM_FIELDS } from './generated.js'

const verbatim = new Set(VERBATIM_FIELDS)

const toSnake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const toCamel = (name: string) => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())

/** `{ allowSignups: true }` as the wire spells it. What is inside `metadata`, `env` and the like is the caller's and stays as it is. */
export function snakeKeys(value: unknown): unknown {
  return convert(value, toSnake, (_name, converted) => verbatim.has(converted))
}

/** The reverse of `snakeKeys`. */
export function camelKeys(value: unknown): unknown {
  return convert(value, toCamel, (name) => verbatim.has(name))
}

function convert(value: unknown, rename: (name: string) => string, keep: (name: string, renamed: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename, keep))
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const converted: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value)) {
    const renamed = rename(name)
    converted.push([renamed, keep(name, renamed) ? inner : convert(inner, rename, keep)])
  }
  // fromEntries defines properties, so that a key such as __proto__ stays a key.
  return Object.fromEntries(converted)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
