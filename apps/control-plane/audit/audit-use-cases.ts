import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { AuditRetention } from '@portico/platform/audit/audit-retention'
import { AuditStreams } from '@portico/platform/audit/audit-streams'
import { ExportAuditChain } from '@portico/platform/audit/export-audit-chain'
import { ListProjectAudit } from '@portico/platform/audit/list-project-audit'
import { ListTenantAudit } from '@portico/platform/audit/list-tenant-audit'
import type { AuditSigner } from '@portico/tokens/audit-signer'

export interface AuditParts {
  platformSql: PlatformSql
  reading: { projectDb: ProjectDb; platformSql: PlatformSql }
  auditSigner: AuditSigner
  box: SealedBox
  clock: Clock
  entropy: Entropy
}

/** What is read of audit logs, how long they are kept and where else they go. */
export function makeAuditUseCases({ platformSql, reading, auditSigner, box, clock, entropy }: AuditParts, outbound: GuardedHttp) {
  return {
    listTenantAudit: new ListTenantAudit(reading.platformSql),
    listProjectAudit: new ListProjectAudit(reading.projectDb),
    exportAuditChain: new ExportAuditChain(platformSql, auditSigner, clock),
    auditRetention: new AuditRetention(platformSql, clock),
    auditStreams: new AuditStreams(platformSql, box, outbound, clock, entropy),
  }
}
