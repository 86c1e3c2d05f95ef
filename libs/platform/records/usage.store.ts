import type { PlatformSql } from '@portico/database/platform-sql'
import type { PageRequest } from '@portico/kernel/paging'
import { rolledUpAt } from './roll-up.store.js'

/** What was counted of a project, or of all together (`projectId` is null), in a day or month of UTC. */
export interface UsageCounts {
  projectId: string | null
  projectName: string | null
  startsAt: Date
  /** Not included. */
  endsAt: Date
  /** By kind, a colon and detail. */
  counts: Record<string, number>
  /** As last counted by the end of the period. */
  people: number | null
  peopleAt: Date | null
}

export interface UsageQuery {
  tenantId: string
  projectId: string | null
  from: Date
  to: Date
  interval: 'day' | 'month'
  together: boolean
  kinds: readonly string[]
}

/** In the order of periods and projects; one row more than the page. */
export async function usageRows(sql: PlatformSql, query: UsageQuery, page: PageRequest): Promise<UsageCounts[]> {
  const rows = await sql.run<Omit<UsageCounts, 'counts' | 'people'> & { counts: Record<string, number> | null; people: string | null }>({
    name: 'usage_rows',
    text: `select project_id as "projectId", project_name as "projectName", starts_at as "startsAt", ends_at as "endsAt", counts, people,
      people_at as "peopleAt" from auth.usage_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      query.tenantId, query.projectId, query.from, query.to, query.interval, query.together, query.kinds, page.after?.at ?? null,
      page.after?.id ?? null, page.limit + 1, page.offset,
    ],
  })
  return rows.map((row) => ({ ...row, counts: row.counts ?? {}, people: row.people === null ? null : Number(row.people) }))
}

/** Up to when everything is counted; `null`: nothing is yet. */
export async function countedUpTo(sql: PlatformSql): Promise<Date | null> {
  const { eventsAt, tablesAt } = await rolledUpAt(sql)
  return eventsAt === null || tablesAt === null ? null : new Date(Math.min(eventsAt.getTime(), tablesAt.getTime()))
}
