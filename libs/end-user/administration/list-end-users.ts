import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isEmptyFilter, type EndUserFilter, type EndUserPosition, type EndUserSort } from '../records/end-user-filter.js'
import {
  countNarrow,
  estimatePeople,
  findNarrowSource,
  listNarrow,
  walk,
  type ListedEndUser,
  type Stretch,
} from '../records/end-user-list.view.js'

export interface ListBounds {
  /** Sets of up to so many people are read whole, put in order and counted. */
  narrow: number
  /** Of a larger one a page looks at so many rows at the most, step by step along the index of the order. */
  steps: readonly number[]
}

// A thousand rows are enough where a match is not rare.
const BOUNDS: ListBounds = { narrow: 10_000, steps: [1_000, 4_000, 15_000] }

export interface ListEndUsersInput {
  filter: EndUserFilter
  sort: EndUserSort
  after: EndUserPosition | null
  limit: number
  offset: number
}

export interface EndUserList {
  found: ListedEndUser[]
  /** Where the next page begins; `null`: this was the last. A page may be short and not be the last one. */
  next: EndUserPosition | null
}

export interface CountedEndUserList extends EndUserList {
  total: number
  /** Beyond what is counted, by the statistics of the database. */
  estimated: boolean
}

/**
 * People of a project by what is known of them, in an order. The work of a page is bounded whatever is asked for: a set of people that one
 * index gives and that is small is read whole; a large one is walked along the index of the order, and a page that found too few within its
 * bound ends early and says where the next one goes on.
 */
export class ListEndUsers {
  constructor(
    private readonly db: ProjectDb,
    private readonly bounds: ListBounds = BOUNDS,
  ) {}

  execute(project: ProjectRecord, input: ListEndUsersInput): Promise<CountedEndUserList> {
    return this.db.transaction(project.scope, async (tx) => {
      const { filter } = input
      const source = await findNarrowSource(tx, filter, this.bounds.narrow)
      if (source && !isEmptyFilter(filter)) {
        const found = await listNarrow(tx, { ...input, source, limit: input.limit + 1 })
        return { ...pageOf(found, input.limit), total: await countNarrow(tx, filter, source), estimated: false }
      }
      const list = await walkOn(tx, input, this.bounds.steps)
      if (source) return { ...list, total: await countNarrow(tx, filter, source), estimated: false }
      return { ...list, total: Math.max(await estimatePeople(tx, filter), list.found.length), estimated: true }
    })
  }

  /** Without the count. */
  page(project: ProjectRecord, input: ListEndUsersInput): Promise<EndUserList> {
    return this.db.transaction(project.scope, async (tx) => {
      const source = isEmptyFilter(input.filter) ? null : await findNarrowSource(tx, input.filter, this.bounds.narrow)
      if (source) return pageOf(await listNarrow(tx, { ...input, source, limit: input.limit + 1 }), input.limit)
      return walkOn(tx, input, this.bounds.steps)
    })
  }
}

function pageOf(found: ListedEndUser[], limit: number): EndUserList {
  const shown = found.slice(0, limit)
  return { found: shown, next: found.length > limit ? shown.at(-1)!.position : null }
}

async function walkOn(
  tx: ProjectTx,
  { filter, sort, after, limit, offset }: ListEndUsersInput,
  steps: readonly number[],
): Promise<EndUserList> {
  if (isEmptyFilter(filter)) return pageOf((await walk(tx, { filter, sort, after, most: limit + 1, offset })).found, limit)
  const needed = offset + limit + 1
  const found: ListedEndUser[] = []
  let stretch: Stretch = { found, end: after }
  for (const most of steps) {
    stretch = await walk(tx, { filter, sort, after: stretch.end, most, offset: 0 })
    found.push(...stretch.found)
    if (stretch.end === null || found.length >= needed) break
  }
  const shown = found.slice(offset, offset + limit)
  const next = found.length >= needed ? shown.at(-1)!.position : stretch.end
  return { found: shown, next }
}
