import { invalidField } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import type { EndUserPosition, EndUserSort } from '@portico/end-user/records/end-user-filter'

// Microseconds from 1653 to 2286: what becomes of more is an instant that the database does not have.
const MICROSECONDS = /^-?\d{1,16}$/

/** A cursor belongs to the order that it was given in. */
export function writePosition(sort: EndUserSort, { key, id }: EndUserPosition): string {
  return Buffer.from(JSON.stringify([orderName(sort), key, id])).toString('base64url')
}

export function readPosition(sort: EndUserSort, text: string): EndUserPosition {
  const parts = parse(Buffer.from(text, 'base64url').toString('utf8'))
  const [order, key, id] = parts
  const keyFits =
    sort.by === 'email'
      ? typeof key === 'string' && key.length <= 254 && !key.includes('\0')
      : key === null || (typeof key === 'string' && MICROSECONDS.test(key))
  if (
    parts.length !== 3 ||
    order !== orderName(sort) ||
    !keyFits ||
    (key === null && sort.by !== 'lastSignInAt') ||
    typeof id !== 'string' ||
    !isUuid(id)
  ) {
    throw invalidField('cursor', 'invalid_cursor', 'This is not a cursor of this list.')
  }
  return { key: key as string | null, id }
}

const orderName = (sort: EndUserSort): string => `${sort.descending ? '-' : ''}${sort.by}`

function parse(text: string): unknown[] {
  try {
    const read: unknown = JSON.parse(text)
    return Array.isArray(read) ? read : []
  } catch {
    return []
  }
}
