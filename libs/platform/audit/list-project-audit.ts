import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listProjectAudit, type AuditRow, type ProjectAuditFilter } from '../records/audit.store.js'

/** What happened in one project, newest first. */
export class ListProjectAudit {
  constructor(private readonly db: ProjectDb) {}

  async execute(scope: ProjectScope, filter: ProjectAuditFilter, page: PageRequest): Promise<Page<AuditRow>> {
    const rows = await this.db.transaction(scope, (tx) => listProjectAudit(tx, filter, page))
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }
}
