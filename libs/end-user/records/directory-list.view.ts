import type { ProjectTx } from '@portico/database/project-db'
import type { Condition } from '@portico/scim/filter'
import type { Place } from '@portico/scim/attribute-path'
import { ConditionSql, GROUP_COLUMNS, USER_COLUMNS } from './directory-condition.view.js'
import { DIRECTORY_GROUP_COLUMNS, toDirectoryGroup, type DirectoryGroup, type DirectoryGroupRow } from './directory-group.store.js'
import { DIRECTORY_USER_COLUMNS, toDirectoryUser, type DirectoryUser, type DirectoryUserRow } from './directory-user.js'

export interface DirectoryQuery {
  directoryId: string
  condition: Condition | null
  /** By age when `null`. */
  sort: { place: Place; descending: boolean } | null
  offset: number
  /** 0: only how many there are. */
  limit: number
}

export interface Found<T> {
  total: number
  items: T[]
}

export async function searchDirectoryUsers(tx: ProjectTx, query: DirectoryQuery): Promise<Found<DirectoryUser>> {
  const sql = new ConditionSql(USER_COLUMNS, [query.directoryId])
  const from = `auth.directory_user d where d.project_id = auth.current_project_id() and d.directory_id = $1 and d.deleted_at is null`
  const { total, rows } = await search<DirectoryUserRow>(tx, sql, query, { columns: DIRECTORY_USER_COLUMNS, from, id: 'd.end_user_id' })
  return { total, items: rows.map(toDirectoryUser) }
}

export async function searchDirectoryGroups(tx: ProjectTx, query: DirectoryQuery): Promise<Found<DirectoryGroup>> {
  const sql = new ConditionSql(GROUP_COLUMNS, [query.directoryId])
  const from = `auth.directory_group d where d.project_id = auth.current_project_id() and d.directory_id = $1`
  const { total, rows } = await search<DirectoryGroupRow>(tx, sql, query, { columns: DIRECTORY_GROUP_COLUMNS, from, id: 'd.id' })
  return { total, items: rows.map(toDirectoryGroup) }
}

/** Without names: every filter is a statement of its own, and a plan for each would be kept on every connection. */
async function search<R>(
  tx: ProjectTx,
  sql: ConditionSql,
  { condition, sort, offset, limit }: DirectoryQuery,
  { columns, from, id }: { columns: string; from: string; id: string },
): Promise<{ total: number; rows: R[] }> {
  const where = `${from}${condition ? ` and ${sql.of(condition)}` : ''}`
  const counted = [...sql.values]
  let rows: R[] = []
  if (limit > 0) {
    // RFC 7644, 3.4.2.3: what has no value comes last, first when descending.
    const by = sort ? `${sql.order(sort.place)} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}, ` : ''
    const text = `select ${columns} from ${where} order by ${by}d.created_at, ${id} limit ${sql.param(limit)} offset ${sql.param(offset)}`
    rows = await tx.query<R>({ name: '', text, values: sql.values })
  }
  // A page that is not full ends the list.
  if (rows.length < limit && (rows.length > 0 || offset === 0)) return { total: offset + rows.length, rows }
  const text = `select count(*)::int as count from ${where}`
  const [count] = await tx.query<{ count: number }>({ name: '', text, values: counted })
  return { total: count?.count ?? 0, rows }
}
