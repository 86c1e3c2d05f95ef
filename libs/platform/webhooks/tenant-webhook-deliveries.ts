import type { PlatformDb } from '@portico/database/platform-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import type { Caller } from '../caller.js'
import {
  findTenantWebhook,
  listTenantWebhookDeliveries,
  noteTenantReplay,
  replayTenantWebhooks,
  resendTenantWebhook,
  testTenantWebhook,
  type TenantWebhookDelivery,
} from '../records/tenant-webhook.store.js'
import { disabledEndpoint } from './read-webhook-input.js'
import { MOST_REPLAYED, readReplayRange } from './webhook-deliveries.js'
import { WEBHOOK_TYPES } from './webhook-types.js'

const FIRST: PageRequest = { limit: 1, offset: 0, after: null }

/** What was sent to an endpoint of a tenant, over all its projects; and sending again. */
export class TenantWebhookDeliveries {
  constructor(
    private readonly db: PlatformDb,
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
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

  /** What the endpoint wants of the range, project by project, the oldest first. */
  async replay(caller: Caller, endpointId: string, given: { since: Date; until?: Date | undefined }): Promise<number> {
    const now = this.clock.now()
    const range = readReplayRange(given, now)
    const endpoint = await this.#present(caller, endpointId)
    if (endpoint.disabledAt !== null) throw disabledEndpoint()
    const types = endpoint.types.length === 0 ? WEBHOOK_TYPES : endpoint.types
    const made = await replayTenantWebhooks(this.sql, caller.tenantId, { endpointId, ...range, types, now, limit: MOST_REPLAYED })
    await noteTenantReplay(this.db, caller, endpointId, made, now)
    return made
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
