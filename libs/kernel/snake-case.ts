/** `redirectTo` as the wire and the database spell it: `redirect_to`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The way back: `redirect_to` as our code spells it. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** An object as it is stored in a `jsonb` column, and the objects inside it. Only for columns whose names are ours, never a user's. */
export function snakeKeys<T>(value: Readonly<Record<string, T>>): Record<string, T> {
  return renamed(value, snakeCase)
}

/** The way back from a `jsonb` column. */
export function camelKeys<T>(value: Readonly<Record<string, T>>): Record<string, T> {
  return renamed(value, camelCase)
}

function renamed<T>(value: Readonly<Record<string, T>>, rename: (name: string) => string): Record<string, T> {
  // An inner object is of the same type but for its names.
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [rename(name), isPlain(inner) ? (renamed(inner, rename) as typeof inner) : inner]),
  )
}

function isPlain<T>(value: T): value is T & Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
