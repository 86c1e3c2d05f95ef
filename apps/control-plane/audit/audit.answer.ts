import { formatId } from '@portico/kernel/ids'
import type { AuditRow } from '@portico/platform/records/audit.store'

export function auditAnswer(row: AuditRow) {
  return {
    id: formatId('evt', row.id),
    action: row.action,
    actor_type: row.actorType,
    actor_id: row.actorId,
    project_id: row.projectId === null ? null : formatId('proj', row.projectId),
    resource: row.resource,
    resource_id: row.resourceId,
    ip: row.ip,
    user_agent: row.userAgent,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
  }
}
