import type { PlatformDb } from '@portico/database/platform-db'
import type { EventResource } from '@portico/kernel/event-definition'
import type { EventName } from '@portico/kernel/events'
import { snakeKeys } from '@portico/kernel/snake-case'
import { tracing } from '@portico/kernel/tracing'
import type { Caller } from '../caller.js'
import { doneBy } from '../audit-actor.js'

/** One change of the tenant's own things; written in the transaction of the change. Project-level changes use `recordAudit`. */
export interface PlatformAudit {
  tenantId: string
  action: EventName
  resource: EventResource
  resourceId: string
  metadata?: Record<string, string | number | boolean | null | string[]>
}

type AuditWriter = Pick<PlatformDb, 'auditEvent'>

export function writePlatformAudit(db: AuditWriter, by: Caller | null, event: PlatformAudit, now: Date) {
  const who = by ? doneBy(by) : { actor: { type: 'system' as const, id: null }, ip: null, userAgent: null }
  return db.auditEvent.create({
    data: {
      tenantId: event.tenantId,
      action: event.action,
      actorType: who.actor.type,
      actorId: who.actor.id,
      resource: event.resource,
      resourceId: event.resourceId,
      ip: who.ip ?? null,
      userAgent: who.userAgent ?? null,
      metadata: snakeKeys(event.metadata ?? {}),
      createdAt: now,
      traceparent: tracing()?.traceparent() ?? null,
    },
    select: { id: true },
  })
}
