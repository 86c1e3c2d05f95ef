import type { PlatformSql } from '@portico/database/platform-sql'
import type { Caller } from '../caller.js'
import { toPage, type PageRequest } from '../paging.js'
import { auditAnswer, type AuditFilter, type RawAuditRow } from './audit-row.js'

/** Everything that happened in the tenant and in all its projects, newest first. */
export class ListTenantAudit {
  constructor(private readonly sql: PlatformSql) {}

  async execute(caller: Caller, filter: AuditFilter, page: PageRequest) {
    const rows = await this.sql.run<RawAuditRow>({
      name: 'tenant_audit_page',
      text: `select id, action, actor_type, actor_id, project_id, resource, resource_id, ip, user_agent, metadata, created_at
        from auth.tenant_audit_page($1, $2, $3, $4, $5, $6, $7, $8) offset $9`,
      values: [caller.tenantId, filter.actorId, filter.action, filter.since, filter.until, page.after?.at ?? null, page.after?.id ?? null,
        page.offset + page.limit + 1, page.offset],
    })
    return toPage(rows, page, (row) => ({ at: row.created_at, id: row.id }), auditAnswer)
  }
}
