import { invalidField } from '@portico/kernel/auth-error'

const MAX_METADATA_BYTES = 16 * 1024

/** Whether it may be stored. */
export function fitsMetadata(metadata: Record<string, unknown>): boolean {
  return Buffer.byteLength(JSON.stringify(metadata)) <= MAX_METADATA_BYTES
}

/** Throws `validation_error` when the metadata would be stored as more than 16 KiB of JSON. */
export function checkMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  if (!fitsMetadata(metadata)) {
    throw invalidField('metadata', 'too_large', `The metadata must not be larger than ${MAX_METADATA_BYTES} bytes of JSON.`)
  }
  return metadata
}

// It travels in access tokens, and a header has its limits.
const MAX_APP_METADATA_BYTES = 2 * 1024

/** The same for what operators say of a person, above 2 KiB. */
export function checkAppMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_APP_METADATA_BYTES) {
    throw invalidField('appMetadata', 'too_large', `The app metadata must not be larger than ${MAX_APP_METADATA_BYTES} bytes of JSON.`)
  }
  return metadata
}

/** One level deep: a key that is given replaces, `null` removes, the others stay. */
export function mergeMetadata(stored: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const merged = new Map([...Object.entries(stored), ...Object.entries(change)])
  return Object.fromEntries([...merged].filter(([, value]) => value !== null))
}
