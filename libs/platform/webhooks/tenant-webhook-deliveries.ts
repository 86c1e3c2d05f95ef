import type { PlatformDb } from '@portico/database/platform-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import {
  findTenantWebhook,
  listTenantWebhookDeliveries,
  listTenantReplays,
  resendTenantWebhook,
  startTenantReplay,
  testTenantWebhook,
  type TenantWebhookDelivery,
} from '../records/tenant-webhook.store.js'
import type { WebhookReplay } from '../records/webhook-replay.store.js'
import { disabledEndpoint } from './read-webhook-input.js'
import { refusedReplay, replayOf } from './replay.js'
import { present } from './webhook-deliveries.js'

const FIRST: PageRequest = { limit: 1, offset: 0, after: null }

/** What was sent to an endpoint of a tenant, over all its projects; and sending again. */
export class TenantWebhookDeliveries {
  constructor(
    private readonly db: PlatformDb,
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async list(
    caller: Caller,
    filter: { endpointId: string; status: TenantWebhookDelivery['status'] | null },
    page: PageRequest,
  ): Promise<Page<TenantWebhookDelivery>> {
    await this.#present(caller, filter.endpointId)
    const rows = await listTenantWebhookDeliveries(this.sql, caller.tenantId, filter, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }

  async read(caller: Caller, endpointId: string, id: string): Promise<TenantWebhookDelivery> {
    const [found] = await listTenantWebhookDeliveries(this.sql, caller.tenantId, { endpointId, id, status: null }, FIRST)
    if (!found) throw new AuthError('not_found')
    return found
  }

  /** One more delivery of the same message. */
  async resend(caller: Caller, endpointId: string, id: string): Promise<TenantWebhookDelivery> {
    await this.read(caller, endpointId, id)
    const made = await resendTenantWebhook(this.sql, caller.tenantId, endpointId, id, this.clock.now())
    if (made === null) throw disabledEndpoint()
    return this.read(caller, endpointId, made)
  }

  /** Begins to send what the endpoint wants of the range, project by project, the oldest first. */
  async replay(caller: Caller, endpointId: string, given: { since: Date; until?: Date | undefined }): Promise<WebhookReplay> {
    const endpoint = await this.#present(caller, endpointId)
    const start = replayOf(endpoint, given, { id: this.entropy.uuid(), now: this.clock.now() })
    const refusal = await startTenantReplay(this.db, caller, start)
    if (refusal) throw refusedReplay(refusal)
    return this.readReplay(caller, endpointId, start.id)
  }

  /** The newest of an endpoint. */
  async replays(caller: Caller, endpointId: string): Promise<WebhookReplay[]> {
    await this.#present(caller, endpointId)
    return listTenantReplays(this.sql, caller.tenantId, { endpointId })
  }

  async readReplay(caller: Caller, endpointId: string, id: string): Promise<WebhookReplay> {
    return present(await listTenantReplays(this.sql, caller.tenantId, { endpointId, id }))
  }

  /** A message of type `webhook.test`, in the name of the oldest project that the endpoint hears. */
  async test(caller: Caller, endpointId: string): Promise<TenantWebhookDelivery> {
    await this.#present(caller, endpointId)
    const made = await testTenantWebhook(this.sql, caller.tenantId, endpointId, this.clock.now())
    if (made === null)
      throw new AuthError('conflict', { message: 'The webhook endpoint is off, or there is no project yet that it could hear.' })
    return this.read(caller, endpointId, made)
  }

  async #present(caller: Caller, id: string) {
    const endpoint = await findTenantWebhook(this.db, caller.tenantId, id)
    if (!endpoint) throw new AuthError('not_found')
    return endpoint
  }
}
