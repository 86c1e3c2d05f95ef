import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EventName } from '@portico/kernel/events'
import { formatId } from '@portico/kernel/ids'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { failWaitingWebhooks } from '../records/webhook-delivery.store.js'
import {
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  insertWebhookEndpoint,
  listWebhookEndpoints,
  lockWebhookEndpoint,
  saveWebhookEndpoint,
  saveWebhookSecret,
  type WebhookEndpoint,
} from '../records/webhook-endpoint.store.js'
import { readWebhookUrl } from './read-webhook-input.js'
import { newWebhookSecret, openSecrets, rotatedSecrets, sealSecrets } from '@portico/crypto/webhook-secret'

/** Of a project, and of a tenant. */
export const MAX_ENDPOINTS = 20

export interface WebhookInput {
  url: string
  types?: string[] | undefined
  description?: string | undefined
  ordering?: WebhookEndpoint['ordering'] | undefined
}

/** The endpoints of a project: made, changed, turned off and on, removed, and their secrets. */
export class ManageWebhooks {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  list(scope: ProjectScope): Promise<WebhookEndpoint[]> {
    return this.db.transaction(scope, (tx) => listWebhookEndpoints(tx))
  }

  read(scope: ProjectScope, id: string): Promise<WebhookEndpoint> {
    return this.db.transaction(scope, async (tx) => present(await findWebhookEndpoint(tx, id)))
  }

  /** The secret is answered here and never again. */
  async create(scope: ProjectScope, caller: Caller, input: WebhookInput): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
    const url = await readWebhookUrl(input.url, this.http)
    const secret = newWebhookSecret(this.entropy)
    const id = this.entropy.uuid()
    const now = this.clock.now()
    const secretSealed = sealSecrets(this.box, scope.projectId, id, { current: secret, previous: null })
    const endpoint = await this.db.transaction(scope, async (tx) => {
      await lockList(tx, 'webhook_endpoint')
      if ((await listWebhookEndpoints(tx)).length >= MAX_ENDPOINTS) {
        throw invalidField('url', 'too_many', `A project may have ${MAX_ENDPOINTS} webhook endpoints.`)
      }
      const { types = [], description = '', ordering = 'none' } = input
      const made = await insertWebhookEndpoint(tx, { id, url, types, description, ordering, secretSealed }, now)
      await note(tx, caller, 'webhook.created', id, now)
      return made
    })
    return { endpoint, secret }
  }

  async change(
    scope: ProjectScope,
    caller: Caller,
    id: string,
    { enabled, ...input }: Partial<WebhookInput> & { enabled?: boolean | undefined },
  ): Promise<WebhookEndpoint> {
    const url = input.url === undefined ? undefined : await readWebhookUrl(input.url, this.http)
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const before = present(await lockWebhookEndpoint(tx, id))
      const off = enabled === undefined ? before.disabledAt !== null : !enabled
      if (off && before.disabledAt === null) await failWaitingWebhooks(tx, id, now)
      const saved = await saveWebhookEndpoint(
        tx,
        {
          id,
          url: url ?? before.url,
          types: input.types ?? before.types,
          description: input.description ?? before.description,
          ordering: input.ordering ?? before.ordering,
          disabledAt: off ? (before.disabledAt ?? now) : null,
          disabledReason: off ? (before.disabledReason ?? 'by_operator') : null,
        },
        now,
      )
      await note(tx, caller, 'webhook.changed', id, now)
      return saved
    })
  }

  async remove(scope: ProjectScope, caller: Caller, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      if (!(await deleteWebhookEndpoint(tx, id))) throw new AuthError('not_found')
      await note(tx, caller, 'webhook.removed', id, now)
    })
  }

  /** The new one signs at once; the one before signs beside it for a day. */
  async rotateSecret(scope: ProjectScope, caller: Caller, id: string): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const { secretSealed, ...endpoint } = present(await lockWebhookEndpoint(tx, id))
      const secrets = rotatedSecrets(openSecrets(this.box, scope.projectId, id, secretSealed), this.entropy, now)
      await saveWebhookSecret(tx, id, sealSecrets(this.box, scope.projectId, id, secrets), now)
      await note(tx, caller, 'webhook.secret_rotated', id, now)
      return { endpoint, secret: secrets.current }
    })
  }
}

function present<T>(endpoint: T | null): T {
  if (!endpoint) throw new AuthError('not_found')
  return endpoint
}

function note(tx: ProjectTx, caller: Caller, action: EventName, id: string, now: Date): Promise<void> {
  return recordAudit(tx, { ...doneBy(caller), action, resource: 'webhook', resourceId: formatId('whk', id) }, now)
}
