import type { ProjectTx } from '@portico/database/project-db'
import {
  afterCondition,
  conditionsOf,
  orderOf,
  SORT_KEYS,
  sourcesOf,
  Values,
  walkConditions,
  type Source,
} from './end-user-conditions.view.js'
import type { EndUserFilter, EndUserPosition, EndUserSort } from './end-user-filter.js'
import { endUserColumns, toEndUser, type EndUser, type EndUserRow } from './end-user.js'

export interface ListedEndUser {
  user: EndUser
  position: EndUserPosition
}

/** A part of a list, in its order. */
export interface Stretch {
  found: ListedEndUser[]
  /** The last row that was looked at, whether it met the filter or not; `null`: the end of the list. */
  end: EndUserPosition | null
}

interface ListedRow extends EndUserRow {
  sort_key: string | null
  matched: boolean
  at: number
}

// Planned for the values at hand, every time: a plan for any value takes the wrong index for most of them.
const UNPREPARED = ''
const PROJECT = 'u.project_id = auth.current_project_id()'

const listed = (row: ListedRow): ListedEndUser => ({ user: toEndUser(row), position: { key: row.sort_key, id: row.id } })

/** The first of the sets around the filter that has at most `most` people; `null`: all have more. */
export async function findNarrowSource(tx: ProjectTx, filter: EndUserFilter, most: number): Promise<Source | null> {
  for (const source of sourcesOf(filter)) {
    const values = new Values()
    const text = `select count(*)::integer as count from (select 1 from (${source(values)}) s limit ${most + 1}) n`
    const [row] = await tx.query<{ count: number }>({ name: UNPREPARED, text, values: values.list })
    if ((row?.count ?? 0) <= most) return source
  }
  return null
}

export interface NarrowList {
  filter: EndUserFilter
  source: Source
  sort: EndUserSort
  after: EndUserPosition | null
  limit: number
  offset: number
}

/** Within a narrow set: a page of whatever order. */
export async function listNarrow(tx: ProjectTx, { filter, source, sort, after, limit, offset }: NarrowList): Promise<ListedEndUser[]> {
  const values = new Values()
  const order = SORT_KEYS[sort.by]
  const people = peopleWithin(source, filter, values)
  const rest = [order.holds, ...(after ? [afterCondition(sort, after, values)] : [])]
  const rows = await tx.query<ListedRow>({
    name: UNPREPARED,
    text: `${people} select ${endUserColumns('u')}, ${order.position} as sort_key from people u where ${rest.join(' and ')}
      order by ${orderOf(sort)} limit ${limit} offset ${offset}`,
    values: values.list,
  })
  return rows.map(listed)
}

export async function countNarrow(tx: ProjectTx, filter: EndUserFilter, source: Source): Promise<number> {
  const values = new Values()
  const text = `${peopleWithin(source, filter, values)} select count(*)::integer as count from people`
  const [row] = await tx.query<{ count: number }>({ name: UNPREPARED, text, values: values.list })
  return row?.count ?? 0
}

/** `offset 0` keeps the lookups of the rows by id inside the loop over the set: a join could read the whole project instead. */
function peopleWithin(source: Source, filter: EndUserFilter, values: Values): string {
  const set = source(values)
  const conditions = [PROJECT, 'u.id = n.id', ...conditionsOf(filter, values)]
  return `with narrow as materialized (select distinct s.id from (${set}) s),
    people as materialized (select u.* from narrow n cross join lateral (
      select u.* from auth.end_user u where ${conditions.join(' and ')} offset 0) u)`
}

/** Along the index of the order, looking at no more than `most` rows. */
export async function walk(
  tx: ProjectTx,
  input: { filter: EndUserFilter; sort: EndUserSort; after: EndUserPosition | null; most: number; offset: number },
): Promise<Stretch> {
  const { filter, sort, after, most, offset } = input
  const values = new Values()
  const inside = [PROJECT, ...walkConditions(filter, sort, values), ...(after ? [afterCondition(sort, after, values)] : [])]
  const matches = conditionsOf(filter, values)
  const order = SORT_KEYS[sort.by]
  const rows = await tx.query<ListedRow>({
    name: UNPREPARED,
    text: `with walked as materialized (select u.* from auth.end_user u where ${inside.join(' and ')} order by ${orderOf(sort)} limit ${most} offset ${offset}),
      seen as (select u.*, ${order.position} as sort_key, ${matches.length > 0 ? matches.join(' and ') : 'true'} as matched,
        row_number() over (order by ${orderOf(sort)})::integer as at, count(*) over ()::integer as seen from walked u)
      select ${endUserColumns('s')}, s.sort_key, s.matched, s.at from seen s where s.matched or s.at = s.seen order by s.at`,
    values: values.list,
  })
  const last = rows.at(-1)
  return { found: rows.filter((row) => row.matched).map(listed), end: last?.at === most ? listed(last).position : null }
}

/**
 * How many people the planner expects to meet the filter; by statistics, so without reading them. Nobody is outside of a set around them.
 */
export async function estimatePeople(tx: ProjectTx, filter: EndUserFilter): Promise<number> {
  const met: Source = (values) => `select 1 from auth.end_user u where ${[PROJECT, ...conditionsOf(filter, values)].join(' and ')}`
  let least = Infinity
  for (const source of [met, ...sourcesOf(filter)]) {
    const values = new Values()
    const [row] = await tx.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>({
      name: UNPREPARED,
      text: `explain (format json) ${source(values)}`,
      values: values.list,
    })
    least = Math.min(least, row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0)
  }
  return least
}
