import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import {
  findWebhookDelivery,
  listWebhookDeliveries,
  replayWebhooks,
  resendWebhook,
  testWebhook,
  type WebhookDelivery,
} from '../records/webhook-delivery.store.js'
import { findWebhookEndpoint } from '../records/webhook-endpoint.store.js'
import { disabledEndpoint } from './read-webhook-input.js'
import { WEBHOOK_TYPES } from './webhook-types.js'

/** As long as messages are kept. */
const REPLAY_SECONDS = 30 * DAY_SECONDS
export const MOST_REPLAYED = 10_000

/** What was sent to an endpoint and what it answered; and sending again. */
export class WebhookDeliveries {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async list(
    scope: ProjectScope,
    filter: { endpointId: string; status: WebhookDelivery['status'] | null },
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>> {
    const rows = await this.db.transaction(scope, async (tx) => {
      if (!(await findWebhookEndpoint(tx, filter.endpointId))) throw new AuthError('not_found')
      return listWebhookDeliveries(tx, filter, page)
    })
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }

  async read(scope: ProjectScope, endpointId: string, id: string): Promise<WebhookDelivery> {
    const found = await this.db.transaction(scope, (tx) => findWebhookDelivery(tx, endpointId, id))
    if (!found) throw new AuthError('not_found')
    return found
  }

  /** One more delivery of the same message. */
  async resend(scope: ProjectScope, endpointId: string, id: string): Promise<WebhookDelivery> {
    return this.db.transaction(scope, async (tx) => {
      if (!(await findWebhookDelivery(tx, endpointId, id))) throw new AuthError('not_found')
      if ((await findWebhookEndpoint(tx, endpointId))?.disabledAt !== null) throw disabledEndpoint()
      const made = await resendWebhook(tx, id, this.clock.now())
      return (await findWebhookDelivery(tx, endpointId, made!))!
    })
  }

  /** What the endpoint wants of the range, the oldest first; also what happened before it was there, or while it was off. */
  async replay(scope: ProjectScope, caller: Caller, endpointId: string, given: { since: Date; until?: Date | undefined }): Promise<number> {
    const now = this.clock.now()
    const { since, until } = readReplayRange(given, now)
    return this.db.transaction(scope, async (tx) => {
      const endpoint = await findWebhookEndpoint(tx, endpointId)
      if (!endpoint) throw new AuthError('not_found')
      if (endpoint.disabledAt !== null) throw disabledEndpoint()
      const types = endpoint.types.length === 0 ? WEBHOOK_TYPES : endpoint.types
      const made = await replayWebhooks(tx, { endpointId, since, until, types, now, limit: MOST_REPLAYED })
      const about = { resource: 'webhook', resourceId: formatId('whk', endpointId), metadata: { deliveries: made } } as const
      await recordAudit(tx, { ...doneBy(caller), action: 'webhook.replayed', ...about }, now)
      return made
    })
  }

  /** A message of type `webhook.test`. */
  async test(scope: ProjectScope, endpointId: string): Promise<WebhookDelivery> {
    return this.db.transaction(scope, async (tx) => {
      const id = await testWebhook(tx, endpointId, this.clock.now())
      if (id === null) throw (await findWebhookEndpoint(tx, endpointId)) ? disabledEndpoint() : new AuthError('not_found')
      return (await findWebhookDelivery(tx, endpointId, id))!
    })
  }
}

export function readReplayRange({ since, until }: { since: Date; until?: Date | undefined }, now: Date): { since: Date; until: Date } {
  const end = until ?? now
  if (since >= end) throw invalidField('since', 'after_end', 'This must be before `until`.')
  if (since < addSeconds(now, -REPLAY_SECONDS)) throw invalidField('since', 'too_long', 'At most 30 days back.')
  return { since, until: end }
}
