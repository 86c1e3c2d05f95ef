import { invalidField } from '@portico/kernel/auth-error'

const MAX_BYTES = 16 * 1024

/** The caller's own JSON object, at most 16 KiB. */
export function readMetadata(value: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (value === undefined) return undefined
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES) throw invalidField('metadata', 'too_long', 'This may hold 16 KiB of JSON.')
  return value
}
