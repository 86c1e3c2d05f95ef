import { invalidField } from '@portico/kernel/auth-error'

/** ISO 8601 knows weeks and days of a year too, which a `Date` does not read. `undefined`: not asked for. */
export function readInstant(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) throw invalidField(field, 'invalid', 'must be an instant such as 2026-11-30T12:00:00Z')
  return instant
}
