import { formatId } from '@portico/kernel/ids'

export interface AuditFilter {
  actorId: string | null
  action: string | null
  since: Date | null
  until: Date | null
}

export interface RawAuditRow {
  id: string
  action: string
  actor_type: string
  actor_id: string | null
  project_id: string | null
  resource: string
  resource_id: string | null
  ip: string | null
  user_agent: string | null
  metadata: Record<string, unknown>
  created_at: Date
}

export function auditAnswer(row: RawAuditRow) {
  return {
    id: formatId('evt', row.id),
    action: row.action,
    actor_type: row.actor_type,
    actor_id: row.actor_id,
    project_id: row.project_id === null ? null : formatId('proj', row.project_id),
    resource: row.resource,
    resource_id: row.resource_id,
    ip: row.ip,
    user_agent: row.user_agent,
    metadata: row.metadata,
    created_at: row.created_at.toISOString(),
  }
}
