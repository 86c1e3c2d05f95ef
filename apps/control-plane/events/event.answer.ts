import { formatId } from '@portico/kernel/ids'
import type { ProjectEvent } from '@portico/platform/records/event.store'

/** Of the payload; a change that a reader of the old one would not understand makes another. */
export const EVENT_VERSION = 1

export function eventAnswer(projectId: string, event: ProjectEvent) {
  return {
    id: formatId('evt', event.id),
    type: event.type,
    version: EVENT_VERSION,
    created_at: event.createdAt.toISOString(),
    project_id: formatId('proj', projectId),
    actor: { type: event.actorType, id: event.actorId },
    resource: { type: event.resource, id: event.resourceId },
    data: event.data,
  }
}
