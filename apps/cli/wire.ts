/** Names inside these belong to the app, not to us. */
const OPAQUE = new Set(['env', 'limits', 'metadata'])

/** The SDK speaks camelCase, `--json` speaks the wire's snake_case, so that it reads like the HTTP documentation. */
export function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snakeCase(name), OPAQUE.has(name) ? inner : toWire(inner)]))
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
