/** Kinds of control-plane ids. End-user ids are plain UUIDs and have no prefix. */
export type IdKind = 'proj' | 'tnt' | 'key' | 'whk' | 'hook' | 'inst' | 'dom' | 'evt'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** `formatId('proj', uuid)` → `proj_` and the UUID: what the API prints. */
export function formatId(kind: IdKind, uuid: string): string {
  return `${kind}_${uuid}`
}

/**
 * The UUID in a prefixed or bare id, lower-cased, or `null` when it is neither.
 * Both forms are accepted in paths; a prefix of another kind is not.
 */
export function parseId(kind: IdKind, text: string): string | null {
  const bare = text.startsWith(`${kind}_`) ? text.slice(kind.length + 1) : text
  return isUuid(bare) ? bare.toLowerCase() : null
}
