import type { EventResource } from '@portico/kernel/event-definition'
import type { EventName } from '@portico/kernel/events'
import { snakeKeys } from '@portico/kernel/snake-case'
import type { ProjectTx } from './project-db.js'

/** One security event of a project. Metadata holds ids and reasons, never an address, token or secret; it is stored in snake_case. */
export interface AuditEvent {
  action: EventName
  actor: { type: 'end_user' | 'api_key' | 'platform_user' | 'system' | 'anonymous'; id: string | null }
  resource: EventResource
  resourceId: string | null
  ip?: string | null
  userAgent?: string | null
  metadata?: Record<string, unknown>
}

/** Writes the row in the transaction of the change (promise P14). */
export async function recordAudit(tx: ProjectTx, event: AuditEvent, now: Date): Promise<void> {
  await tx.query({
    name: 'audit_record',
    text: `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [event.action, event.actor.type, event.actor.id, event.resource, event.resourceId, event.ip ?? null, event.userAgent ?? null,
      JSON.stringify(snakeKeys(event.metadata ?? {})), now],
  })
}
