import type { ProjectTx } from '@portico/database/project-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { PageRequest } from '@portico/kernel/paging'

export interface AuditFilter {
  actorId: string | null
  action: string | null
  since: Date | null
  until: Date | null
}

/** In one project: also only what one of its people did, or what was done to them. */
export interface ProjectAuditFilter extends AuditFilter {
  userId: string | null
}

/** What happened, who did it, to what. `projectId` is null for what belongs to the tenant alone. */
export interface AuditRow {
  id: string
  action: string
  actorType: string
  actorId: string | null
  projectId: string | null
  resource: string
  resourceId: string | null
  ip: string | null
  userAgent: string | null
  metadata: Record<string, unknown>
  createdAt: Date
}

const COLUMNS = `id, action, actor_type as "actorType", actor_id as "actorId", project_id as "projectId", resource, resource_id as "resourceId", ip,
  user_agent as "userAgent", metadata, created_at as "createdAt"`

// As the index audit_event_by_user says it, so that the planner knows it again.
const OF_USER = `and (actor_type = 'end_user' or resource = 'end_user')
          and case when actor_type = 'end_user' then actor_id when resource = 'end_user' then resource_id end = $9`

/** Newest first; one row more than the page, which tells whether there is another. */
export function listProjectAudit(tx: ProjectTx, filter: ProjectAuditFilter, page: PageRequest): Promise<AuditRow[]> {
  const ofUser = filter.userId !== null
  return tx.query<AuditRow>({
    name: ofUser ? 'project_audit_page_of_user' : 'project_audit_page',
    text: `select ${COLUMNS} from auth.audit_event
      where project_id = auth.current_project_id() and ($1::text is null or actor_id = $1) and ($2::text is null or action = $2)
        and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
        and ($5::timestamptz is null or (created_at, id) < ($5, $6::uuid))
        ${ofUser ? OF_USER : ''}
      order by created_at desc, id desc limit $7 offset $8`,
    values: [
      filter.actorId,
      filter.action,
      filter.since,
      filter.until,
      page.after?.at ?? null,
      page.after?.id ?? null,
      page.limit + 1,
      page.offset,
      ...(ofUser ? [filter.userId] : []),
    ],
  })
}

/** The same over the tenant and all its projects. */
export function listTenantAudit(sql: PlatformSql, tenantId: string, filter: AuditFilter, page: PageRequest): Promise<AuditRow[]> {
  return sql.run<AuditRow>({
    name: 'tenant_audit_page',
    text: `select ${COLUMNS} from auth.tenant_audit_page($1, $2, $3, $4, $5, $6, $7, $8) offset $9`,
    values: [tenantId, filter.actorId, filter.action, filter.since, filter.until, page.after?.at ?? null, page.after?.id ?? null,
      page.offset + page.limit + 1, page.offset],
  })
}
