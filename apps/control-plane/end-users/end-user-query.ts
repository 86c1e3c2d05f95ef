import { readEndUserFilter } from '@portico/end-user/administration/read-end-user-filter'
import { readPosition } from './end-user-cursor.js'
import type { EndUserFilter, EndUserSort } from '@portico/end-user/records/end-user-filter'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { readPage } from '@portico/kernel/paging'
import { readInstant } from '../http/instant.js'
import type { EndUserSearchQuery, ListEndUsersQuery } from './end-user.body.js'

const ORDERS: Readonly<Record<string, EndUserSort['by']>> = { created_at: 'createdAt', email: 'email', last_sign_in_at: 'lastSignInAt' }
// An offset costs what it skips.
const MOST_SKIPPED = 10_000

export function endUserFilter(query: EndUserSearchQuery): EndUserFilter {
  if (query.q !== undefined && query.search !== undefined && query.q !== query.search) {
    throw new AuthError('conflicting_settings', { details: [{ field: 'search', code: 'conflicts', message: 'disagrees with q' }] })
  }
  return readEndUserFilter({
    search: query.search ?? query.q,
    id: query.id,
    email: query.email,
    domain: query.domain,
    provider: query.provider,
    state: query.state,
    createdFrom: readInstant('created_since', query.createdSince),
    createdBefore: readInstant('created_until', query.createdUntil),
    lastSignInFrom: readInstant('last_sign_in_since', query.lastSignInSince),
    lastSignInBefore: readInstant('last_sign_in_until', query.lastSignInUntil),
  })
}

export function endUserListInput(query: ListEndUsersQuery) {
  const filter = endUserFilter(query)
  const sort = readSort(query.sort, filter)
  const { limit, offset } = readPage({ ...query, cursor: undefined })
  if (query.cursor === undefined && offset > MOST_SKIPPED) {
    throw invalidField('page', 'too_far', `Pages by number end at ${MOST_SKIPPED} people. Go on with cursor.`)
  }
  const after = query.cursor === undefined ? null : readPosition(sort, query.cursor)
  return { filter, sort, after, limit, offset: after ? 0 : offset }
}

/** The beginning of an address is looked up in order of addresses: the index has them side by side, however many there are. */
function readSort(sort: string | undefined, filter: EndUserFilter): EndUserSort {
  if (sort === undefined)
    return filter.beginnings?.domains.length === 0 ? { by: 'email', descending: false } : { by: 'createdAt', descending: true }
  const descending = sort.startsWith('-')
  return { by: ORDERS[descending ? sort.slice(1) : sort]!, descending }
}
