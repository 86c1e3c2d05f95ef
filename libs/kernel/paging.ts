import { invalidField } from './auth-error.js'
import { isUuid } from './ids.js'

/** Position of the last row of a page: lists are newest first, ties by id. */
export interface Cursor {
  at: Date
  id: string
}

export interface PageRequest {
  /** 1 to 100. */
  limit: number
  after: Cursor | null
  /** Rows to skip, for `page`; 0 with a cursor. */
  offset: number
}

export interface Page<T> {
  items: T[]
  limit: number
  nextCursor: string | null
  total?: number
}

const DEFAULT_LIMIT = 20
// 100 rows a page: more pages than this are a mistake, and an offset costs what it skips.
const MAX_PAGE = 10_000

/** `limit` and `cursor`, or `page` and `page_size`. */
export function readPage(query: {
  limit?: number | undefined
  cursor?: string | undefined
  page?: number | undefined
  pageSize?: number | undefined
}): PageRequest {
  const limit = query.limit ?? query.pageSize ?? DEFAULT_LIMIT
  if (query.cursor !== undefined) return { limit, after: decodeCursor(query.cursor), offset: 0 }
  const page = Math.min(query.page ?? 1, MAX_PAGE)
  return { limit, after: null, offset: (page - 1) * limit }
}

/** Makes a page of at most `limit` from up to `limit + 1` rows. */
export function toPage<R>(rows: R[], request: PageRequest, cursorOf: (row: R) => Cursor, total?: number): Page<R> {
  const items = rows.slice(0, request.limit)
  const last = items.at(-1)
  const nextCursor = rows.length > request.limit && last !== undefined ? encodeCursor(cursorOf(last)) : null
  return { items, limit: request.limit, nextCursor, ...(total !== undefined && { total }) }
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.at.toISOString()}|${cursor.id}`).toString('base64url')
}

function decodeCursor(text: string): Cursor {
  const [at = '', id = ''] = Buffer.from(text.slice(0, 200), 'base64url').toString('utf8').split('|')
  const instant = new Date(at)
  if (Number.isNaN(instant.getTime()) || !isUuid(id)) throw invalidField('cursor', 'invalid_cursor', 'This is not a cursor of this list.')
  return { at: instant, id }
}
