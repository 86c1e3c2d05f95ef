import type { EndUser, ProjectEvent } from '@portico/sdk'
import { toWire } from './wire.js'

const PREFIX = 'whsec_'
/** `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks, 1.0). */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,}[A-Za-z0-9+/]*={0,2}$/

export function isWebhookSecret(text: string): boolean {
  return SECRET.test(text)
}

export function newWebhookSecret(): string {
  return PREFIX + Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64')
}

/** The bytes that a webhook of the project would send of the event: docs/webhooks.md. */
export function webhookBody(event: ProjectEvent, user: EndUser | null): string {
  const { id, type, version, createdAt, projectId, actor, resource, data } = event
  return JSON.stringify({
    id: messageId(id, createdAt),
    type,
    version,
    timestamp: createdAt,
    project_id: projectId,
    data: {
      actor,
      resource,
      details: toWire(data),
      user: user && {
        id: user.id,
        email: user.email,
        email_verified: user.emailVerified,
        metadata: user.metadata,
        disabled: user.disabled,
        created_at: user.createdAt,
      },
    },
  })
}

/** The person that an event is about, as webhooks see it. */
export function personOf({ actor, resource }: ProjectEvent): string | null {
  if (resource.type === 'end_user') return resource.id
  return actor.type === 'end_user' ? actor.id : null
}

/** One for an event however often, and sorting by time, as those of webhooks do. */
function messageId(eventId: string, createdAt: string): string {
  const ms = Date.parse(createdAt).toString(16).padStart(12, '0')
  return `msg_${ms}${eventId.replace(/^evt_/, '').replaceAll('-', '').slice(0, 16)}`
}
