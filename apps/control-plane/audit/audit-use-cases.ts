import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { AuditRetention } from '@portico/platform/audit/audit-retention'
import { AuditStreams } from '@portico/platform/audit/audit-streams'
import { ExportAuditChain } from '@portico/platform/audit/export-audit-chain'
import { ListProjectAudit } from '@portico/platform/audit/list-project-audit'
import { ListTenantAudit } from '@portico/platform/audit/list-tenant-audit'
import type { Parts } from '../use-cases.js'

/** What is read of audit logs, how long they are kept and where else they go. */
export function makeAuditUseCases({ platformSql, reading, auditSigner, box, clock, entropy }: Parts, outbound: GuardedHttp) {
  return {
    listTenantAudit: new ListTenantAudit(reading.platformSql),
    listProjectAudit: new ListProjectAudit(reading.projectDb),
    exportAuditChain: new ExportAuditChain(platformSql, auditSigner, clock),
    auditRetention: new AuditRetention(platformSql, clock),
    auditStreams: new AuditStreams(platformSql, box, outbound, clock, entropy),
  }
}
