import type { PlatformSql } from '@portico/database/platform-sql'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listTenantAudit, type AuditFilter, type AuditRow } from '../records/audit.store.js'

/** Everything that happened in the tenant and in all its projects, newest first. */
export class ListTenantAudit {
  constructor(private readonly sql: PlatformSql) {}

  async execute(caller: Caller, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRow>> {
    const rows = await listTenantAudit(this.sql, caller.tenantId, filter, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }
}
