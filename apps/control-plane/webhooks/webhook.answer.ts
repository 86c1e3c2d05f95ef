import { formatId } from '@portico/kernel/ids'
import type { TenantWebhookDelivery, TenantWebhookEndpoint } from '@portico/platform/records/tenant-webhook.store'
import type { WebhookDelivery } from '@portico/platform/records/webhook-delivery.store'
import type { WebhookReplay } from '@portico/platform/records/webhook-replay.store'
import type { WebhookEndpoint } from '@portico/platform/records/webhook-endpoint.store'

export function webhookAnswer(endpoint: WebhookEndpoint) {
  return {
    id: formatId('whk', endpoint.id),
    url: endpoint.url,
    description: endpoint.description,
    types: endpoint.types,
    ordering: endpoint.ordering,
    enabled: endpoint.disabledAt === null,
    disabled_reason: endpoint.disabledReason,
    failing_since: endpoint.failingSince?.toISOString() ?? null,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  }
}

export function tenantWebhookAnswer(endpoint: TenantWebhookEndpoint) {
  return { ...webhookAnswer(endpoint), project_ids: endpoint.projectIds.map((id) => formatId('proj', id)) }
}

export function tenantWebhookSecretAnswer({ endpoint, secret }: { endpoint: TenantWebhookEndpoint; secret: string }) {
  return { ...tenantWebhookAnswer(endpoint), secret }
}

export function tenantWebhookDeliveryAnswer(delivery: TenantWebhookDelivery) {
  return { ...webhookDeliveryAnswer(delivery), project_id: delivery.projectId === null ? null : formatId('proj', delivery.projectId) }
}

/** The only answers that hold the secret. */
export function webhookSecretAnswer({ endpoint, secret }: { endpoint: WebhookEndpoint; secret: string }) {
  return { ...webhookAnswer(endpoint), secret }
}

export function webhookDeliveryAnswer(delivery: WebhookDelivery) {
  return {
    id: delivery.id,
    endpoint_id: formatId('whk', delivery.endpointId),
    message_id: delivery.messageId,
    type: delivery.type,
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    created_at: delivery.createdAt.toISOString(),
    done_at: delivery.doneAt?.toISOString() ?? null,
    request_body: delivery.body,
    tries: delivery.log.map(({ at, durationMs, status, error, response }) => ({ at, duration_ms: durationMs, status, error, response })),
  }
}

export function webhookReplayAnswer(replay: WebhookReplay) {
  return {
    id: replay.id,
    endpoint_id: formatId('whk', replay.endpointId),
    status: replay.status,
    since: replay.since.toISOString(),
    until: replay.until.toISOString(),
    deliveries: replay.deliveries,
    created_at: replay.createdAt.toISOString(),
    done_at: replay.doneAt?.toISOString() ?? null,
  }
}
