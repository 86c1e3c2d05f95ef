import { VERBATIM_FIELDS } from './generated.js'

/** `{ redirectTo: … }` as the wire spells it. What is inside `metadata` is the caller's and stays as it is. */
export const snakeKeys = (value: unknown) => convert(value, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))

/** The reverse of `snakeKeys`. Contents of `metadata` and of token `claims` stay as they are. */
export const camelKeys = (value: unknown) =>
  convert(value, (name) => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()))

function convert(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      rename(name),
      VERBATIM_FIELDS.includes(name) ? (inner as unknown) : convert(inner, rename),
    ]),
  )
}
