import type { ProjectTx } from '@portico/database/project-db'

export interface WebhookEndpoint {
  id: string
  url: string
  description: string
  /** Empty: whatever a webhook may carry. */
  types: string[]
  ordering: 'none' | 'user'
  disabledAt: Date | null
  disabledReason: string | null
  failingSince: Date | null
  createdAt: Date
  updatedAt: Date
}

export type NewWebhookEndpoint = Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'types' | 'ordering'> & { secretSealed: Buffer }

const COLUMNS = `id, url, description, types, ordering, disabled_at as "disabledAt", disabled_reason as "disabledReason",
  failing_since as "failingSince", created_at as "createdAt", updated_at as "updatedAt"`

export function listWebhookEndpoints(tx: ProjectTx): Promise<WebhookEndpoint[]> {
  const text = `select ${COLUMNS} from auth.webhook_endpoint where project_id = auth.current_project_id() order by created_at desc, id`
  return tx.query<WebhookEndpoint>({ name: 'webhook_endpoints', text, values: [] })
}

type Stored = WebhookEndpoint & { secretSealed: Buffer }
const FIND = `select ${COLUMNS}, secret_sealed as "secretSealed" from auth.webhook_endpoint
  where project_id = auth.current_project_id() and id = $1`

export async function findWebhookEndpoint(tx: ProjectTx, id: string): Promise<Stored | null> {
  return (await tx.query<Stored>({ name: 'webhook_endpoint', text: FIND, values: [id] }))[0] ?? null
}

/** To change it. */
export async function lockWebhookEndpoint(tx: ProjectTx, id: string): Promise<Stored | null> {
  return (await tx.query<Stored>({ name: 'webhook_endpoint_lock', text: `${FIND} for update`, values: [id] }))[0] ?? null
}

export async function insertWebhookEndpoint(tx: ProjectTx, made: NewWebhookEndpoint, now: Date): Promise<WebhookEndpoint> {
  const [row] = await tx.query<WebhookEndpoint>({
    name: 'webhook_endpoint_insert',
    text: `insert into auth.webhook_endpoint (project_id, id, url, description, types, ordering, secret_sealed, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7) returning ${COLUMNS}`,
    values: [made.id, made.url, made.description, made.types, made.ordering, made.secretSealed, now],
  })
  return row!
}

/** What is turned on again has a clean slate. */
export async function saveWebhookEndpoint(
  tx: ProjectTx,
  endpoint: Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'types' | 'ordering' | 'disabledAt' | 'disabledReason'>,
  now: Date,
): Promise<WebhookEndpoint> {
  const [row] = await tx.query<WebhookEndpoint>({
    name: 'webhook_endpoint_save',
    text: `update auth.webhook_endpoint set url = $2, description = $3, types = $4, ordering = $5, disabled_at = $6, disabled_reason = $7,
        failing_since = case when $6::timestamptz is null and disabled_at is not null then null else failing_since end, updated_at = $8
      where project_id = auth.current_project_id() and id = $1 returning ${COLUMNS}`,
    values: [
      endpoint.id, endpoint.url, endpoint.description, endpoint.types, endpoint.ordering, endpoint.disabledAt, endpoint.disabledReason, now,
    ],
  })
  return row!
}

export async function saveWebhookSecret(tx: ProjectTx, id: string, secretSealed: Buffer, now: Date): Promise<void> {
  await tx.query({
    name: 'webhook_endpoint_secret',
    text: `update auth.webhook_endpoint set secret_sealed = $2, updated_at = $3 where project_id = auth.current_project_id() and id = $1`,
    values: [id, secretSealed, now],
  })
}

export async function deleteWebhookEndpoint(tx: ProjectTx, id: string): Promise<boolean> {
  // Before its deliveries, as auth.finish_webhooks does.
  if (!(await lockWebhookEndpoint(tx, id))) return false
  const sent = 'delete from auth.webhook_delivery where project_id = auth.current_project_id() and endpoint_id = $1'
  await tx.query({ name: 'webhook_endpoint_delete_sent', text: sent, values: [id] })
  const text = 'delete from auth.webhook_endpoint where project_id = auth.current_project_id() and id = $1 returning id'
  return (await tx.query({ name: 'webhook_endpoint_delete', text, values: [id] })).length > 0
}
