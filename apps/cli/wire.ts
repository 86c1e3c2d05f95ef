import { VERBATIM_FIELDS } from '@portico/sdk'

/** Names inside these belong to the app, not to us. */
const OPAQUE: ReadonlySet<string> = new Set(VERBATIM_FIELDS)

/** The SDK speaks camelCase, `--json` speaks the wire's snake_case, so that it reads like the HTTP documentation. */
export function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, inner]) => [snakeCase(name), inner] as const)
  return Object.fromEntries(fields.map(([name, inner]) => [name, OPAQUE.has(name) ? inner : toWire(inner)]))
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
