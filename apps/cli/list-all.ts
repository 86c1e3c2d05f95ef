import type { Listing } from '@portico/sdk'
import type { Context } from './context.js'

export interface ListOptions {
  limit: number
}

/** Reads pages until there are `limit` rows, and prints them. */
export async function listAll<T>(
  context: Context,
  title: string,
  listing: Listing<T>,
  limit: number,
  text: (rows: T[]) => string,
): Promise<void> {
  const rows: T[] = []
  let more = false
  let total: number | undefined
  await context.waitFor(
    title,
    (async () => {
      for await (const page of listing.pages()) {
        rows.push(...page.data)
        total = page.page.total ?? total
        more = page.page.nextCursor !== null
        if (rows.length >= limit) break
      }
    })(),
  )
  more ||= rows.length > limit
  rows.length = Math.min(rows.length, limit)
  context.output.result(rows, () => text(rows), { limit, more, ...(total === undefined ? {} : { total }) })
  if (more) context.output.note(`There are more than these ${limit}: --limit shows more.`)
}
