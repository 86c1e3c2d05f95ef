import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import {
  findWebhookDelivery,
  listWebhookDeliveries,
  resendWebhook,
  testWebhook,
  type WebhookDelivery,
} from '../records/webhook-delivery.store.js'
import { findWebhookEndpoint } from '../records/webhook-endpoint.store.js'
import { listReplays, replayMetadata, startReplay, type WebhookReplay } from '../records/webhook-replay.store.js'
import { disabledEndpoint } from './read-webhook-input.js'
import { refusedReplay, replayOf } from './replay.js'

/** What was sent to an endpoint and what it answered; and sending again. */
export class WebhookDeliveries {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
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

  /** Begins to send what the endpoint wants of the range, the oldest first; also what happened before it was there, or while it was off. */
  async replay(
    scope: ProjectScope,
    caller: Caller,
    endpointId: string,
    given: { since: Date; until?: Date | undefined },
  ): Promise<WebhookReplay> {
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const endpoint = await findWebhookEndpoint(tx, endpointId)
      if (!endpoint) throw new AuthError('not_found')
      const start = replayOf(endpoint, given, { id: this.entropy.uuid(), now })
      const refusal = await startReplay(tx, start)
      if (refusal) throw refusedReplay(refusal)
      const about = { resource: 'webhook', resourceId: formatId('whk', endpointId), metadata: replayMetadata(start) } as const
      await recordAudit(tx, { ...doneBy(caller), action: 'webhook.replayed', ...about }, now)
      return present(await listReplays(tx, start))
    })
  }

  /** The newest of an endpoint. */
  replays(scope: ProjectScope, endpointId: string): Promise<WebhookReplay[]> {
    return this.db.transaction(scope, async (tx) => {
      if (!(await findWebhookEndpoint(tx, endpointId))) throw new AuthError('not_found')
      return listReplays(tx, { endpointId })
    })
  }

  async readReplay(scope: ProjectScope, endpointId: string, id: string): Promise<WebhookReplay> {
    return present(await this.db.transaction(scope, (tx) => listReplays(tx, { endpointId, id })))
  }

  /** A message of type `webhook.test`. */
  async test(scope: ProjectScope, endpointId: string): Promise<WebhookDelivery> {
    // Read in another transaction: over several machines one role does not see what another has written in its own.
    const id = await this.db.transaction(scope, (tx) => testWebhook(tx, endpointId, this.clock.now()))
    return this.db.transaction(scope, async (tx) => {
      if (id === null) throw (await findWebhookEndpoint(tx, endpointId)) ? disabledEndpoint() : new AuthError('not_found')
      return (await findWebhookDelivery(tx, endpointId, id))!
    })
  }
}

export function present<T>([row]: readonly T[]): T {
  if (!row) throw new AuthError('not_found')
  return row
}
