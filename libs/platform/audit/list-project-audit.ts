import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { toPage, type PageRequest } from '../paging.js'
import { auditAnswer, type AuditFilter, type RawAuditRow } from './audit-row.js'

/** What happened in one project, newest first. */
export class ListProjectAudit {
  constructor(private readonly db: ProjectDb) {}

  async execute(scope: ProjectScope, filter: AuditFilter, page: PageRequest) {
    const rows = await this.db.transaction(scope, (tx) =>
      tx.query<RawAuditRow>({
        name: 'project_audit_page',
        text: `select id, action, actor_type, actor_id, project_id, resource, resource_id, ip, user_agent, metadata, created_at from auth.audit_event
          where project_id = auth.current_project_id() and ($1::text is null or actor_id = $1) and ($2::text is null or action = $2)
            and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
            and ($5::timestamptz is null or (created_at, id) < ($5, $6::uuid))
          order by created_at desc, id desc limit $7 offset $8`,
        values: [filter.actorId, filter.action, filter.since, filter.until, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
      }),
    )
    return toPage(rows, page, (row) => ({ at: row.created_at, id: row.id }), auditAnswer)
  }
}
