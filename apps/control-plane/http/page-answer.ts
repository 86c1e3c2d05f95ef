import type { Page } from '@portico/kernel/paging'

/** The wire form of a list. */
export function pageAnswer<R, T>(page: Page<R>, itemAnswer: (item: R) => T) {
  return {
    data: page.items.map(itemAnswer),
    page: { limit: page.limit, next_cursor: page.nextCursor, ...(page.total !== undefined && { total: page.total }) },
  }
}

/** A list that is short by its nature comes whole. */
export function wholeListAnswer<T>(data: T[]) {
  return { data, page: { limit: data.length, next_cursor: null, total: data.length } }
}
