import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'

/** How often something happened in an hour or on a day. */
export interface CountRow {
  start: Date
  kind: string
  detail: string
  count: number
}

export interface CountQuery {
  from: Date
  /** Not included. */
  to: Date
  interval: 'hour' | 'day'
  kinds: readonly string[]
}

interface RawCount extends Omit<CountRow, 'count'> {
  count: string
}

const toCount = (row: RawCount): CountRow => ({ ...row, count: Number(row.count) })

export async function projectCounts(tx: ProjectTx, query: CountQuery): Promise<CountRow[]> {
  const rows = await tx.query<RawCount>({
    name: 'project_counts',
    text: `select date_trunc($1, hour, 'UTC') as start, kind, detail, sum(count)::bigint as count from auth.hourly_count
      where project_id = auth.current_project_id() and hour >= $2 and hour < $3 and kind = any ($4) group by 1, 2, 3 order by 1, 2, 3`,
    values: [query.interval, query.from, query.to, query.kinds],
  })
  return rows.map(toCount)
}

export async function tenantCounts(sql: PlatformSql, tenantId: string, query: CountQuery): Promise<CountRow[]> {
  const rows = await sql.run<RawCount>({
    name: 'tenant_counts',
    text: `select date_trunc($1, hour, 'UTC') as start, kind, detail, sum(count)::bigint as count from metering.tenant_hourly_count
      where tenant_id = $2 and hour >= $3 and hour < $4 and kind = any ($5) group by 1, 2, 3 order by 1, 2, 3`,
    values: [query.interval, tenantId, query.from, query.to, query.kinds],
  })
  return rows.map(toCount)
}

export interface ProjectTotals {
  people: number
  confirmed: number
  disabled: number
  openSessions: number
  countedAt: Date | null
}

/** `null` before the first count. */
export async function projectTotals(tx: ProjectTx): Promise<ProjectTotals | null> {
  const [row] = await tx.query<Record<'people' | 'confirmed' | 'disabled' | 'openSessions', string> & { countedAt: Date | null }>({
    name: 'project_totals',
    text: `select people, confirmed, disabled, open_sessions as "openSessions", counted_at as "countedAt" from auth.project_total
      where project_id = auth.current_project_id()`,
    values: [],
  })
  if (!row) return null
  const { people, confirmed, disabled, openSessions, countedAt } = row
  return { people: Number(people), confirmed: Number(confirmed), disabled: Number(disabled), openSessions: Number(openSessions), countedAt }
}

export interface TenantTotals {
  projects: number
  people: number
  confirmed: number
  countedAt: Date | null
}

export async function tenantTotals(sql: PlatformSql, tenantId: string): Promise<TenantTotals | null> {
  const [row] = await sql.run<Record<'projects' | 'people' | 'confirmed', string> & { countedAt: Date }>({
    name: 'tenant_totals',
    text: 'select projects, people, confirmed, counted_at as "countedAt" from metering.tenant_total where tenant_id = $1',
    values: [tenantId],
  })
  if (!row) return null
  return { projects: Number(row.projects), people: Number(row.people), confirmed: Number(row.confirmed), countedAt: row.countedAt }
}

/** Up to when events are counted, and how many mails wait, in the project or, without one, in the tenant. */
export async function statsState(
  sql: PlatformSql,
  tenantId: string,
  projectId: string | null,
): Promise<{ completeAt: Date | null; mailsWaiting: number }> {
  const [row] = await sql.run<{ complete_at: Date | null; mails_waiting: string }>({
    name: 'stats_state',
    text: 'select complete_at, mails_waiting from auth.stats_state($1, $2)',
    values: [tenantId, projectId],
  })
  return { completeAt: row?.complete_at ?? null, mailsWaiting: Number(row?.mails_waiting ?? 0) }
}

export interface AttentionRow {
  projectId: string
  projectName: string
  kind: string
  detail: string
  since: Date
}

export function tenantAttention(sql: PlatformSql, tenantId: string, limit: number): Promise<AttentionRow[]> {
  return sql.run<AttentionRow>({
    name: 'tenant_attention',
    text: `select project_id as "projectId", project_name as "projectName", kind, detail, since from auth.tenant_attention($1, $2)`,
    values: [tenantId, limit],
  })
}
