import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import type { Caller } from '../caller.js'
import { countProjects } from '../records/project.store.js'
import {
  deleteTenantWebhook,
  findTenantWebhook,
  insertTenantWebhook,
  listTenantWebhooks,
  saveTenantWebhook,
  type TenantWebhookEndpoint,
} from '../records/tenant-webhook.store.js'
import { MAX_ENDPOINTS, type WebhookInput } from './manage-webhooks.js'
import { readWebhookUrl } from './read-webhook-input.js'
import { newWebhookSecret, openSecrets, rotatedSecrets, sealSecrets } from '@portico/crypto/webhook-secret'

export interface TenantWebhookInput extends WebhookInput {
  /** UUIDs; none: all projects of the tenant, also later ones. */
  projectIds?: string[] | undefined
}

/** The endpoints that hear all projects of a tenant, or some of them. The tenant's id stands where a project's would for its secrets. */
export class TenantWebhooks {
  constructor(
    private readonly db: PlatformDb,
    private readonly box: SealedBox,
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  list(caller: Caller): Promise<TenantWebhookEndpoint[]> {
    return listTenantWebhooks(this.db, caller.tenantId)
  }

  read(caller: Caller, id: string): Promise<TenantWebhookEndpoint> {
    return this.#present(caller, id)
  }

  /** The secret is answered here and never again. */
  async create(caller: Caller, input: TenantWebhookInput): Promise<{ endpoint: TenantWebhookEndpoint; secret: string }> {
    const url = await readWebhookUrl(input.url, this.http)
    const projectIds = await this.#ownProjects(caller, input.projectIds ?? [])
    const secret = newWebhookSecret(this.entropy)
    const id = this.entropy.uuid()
    const secretSealed = sealSecrets(this.box, caller.tenantId, id, { current: secret, previous: null })
    const { types = [], description = '', ordering = 'none' } = input
    const made = { id, url, types, description, ordering, projectIds, secretSealed }
    const endpoint = await insertTenantWebhook(this.db, caller, made, { most: MAX_ENDPOINTS, now: this.clock.now() })
    if (!endpoint) throw invalidField('url', 'too_many', `A tenant may have ${MAX_ENDPOINTS} webhook endpoints.`)
    return { endpoint, secret }
  }

  async change(
    caller: Caller,
    id: string,
    { enabled, url, projectIds, ...input }: Partial<TenantWebhookInput> & { enabled?: boolean | undefined },
  ): Promise<TenantWebhookEndpoint> {
    const now = this.clock.now()
    const before = await this.#present(caller, id)
    const turnedOff = enabled === false && before.disabledAt === null
    const turnedOn = enabled === true && before.disabledAt !== null
    const saved = await saveTenantWebhook(
      this.db,
      caller,
      id,
      {
        url: url === undefined ? before.url : await readWebhookUrl(url, this.http),
        types: input.types ?? before.types,
        description: input.description ?? before.description,
        ordering: input.ordering ?? before.ordering,
        projectIds: projectIds === undefined ? before.projectIds : await this.#ownProjects(caller, projectIds),
        ...(turnedOff && { disabledAt: now, disabledReason: 'by_operator' }),
        ...(turnedOn && { disabledAt: null, disabledReason: null, failingSince: null }),
      },
      { action: 'webhook.changed', turnedOff, now },
    )
    if (!saved) throw new AuthError('not_found')
    return saved
  }

  async remove(caller: Caller, id: string): Promise<void> {
    if (!(await deleteTenantWebhook(this.db, caller, id, this.clock.now()))) throw new AuthError('not_found')
  }

  /** The new one signs at once; the one before signs beside it for a day. */
  async rotateSecret(caller: Caller, id: string): Promise<{ endpoint: TenantWebhookEndpoint; secret: string }> {
    const now = this.clock.now()
    const { secretSealed } = await this.#present(caller, id)
    const secrets = rotatedSecrets(openSecrets(this.box, caller.tenantId, id, secretSealed), this.entropy, now)
    const change = { secretSealed: sealSecrets(this.box, caller.tenantId, id, secrets) }
    const endpoint = await saveTenantWebhook(this.db, caller, id, change, { action: 'webhook.secret_rotated', turnedOff: false, now })
    if (!endpoint) throw new AuthError('not_found')
    return { endpoint, secret: secrets.current }
  }

  async #present(caller: Caller, id: string) {
    const endpoint = await findTenantWebhook(this.db, caller.tenantId, id)
    if (!endpoint) throw new AuthError('not_found')
    return endpoint
  }

  async #ownProjects(caller: Caller, given: readonly string[]): Promise<string[]> {
    const ids = [...new Set(given)]
    if (ids.length > 0 && (!ids.every(isUuid) || (await countProjects(this.db, caller.tenantId, ids)) !== ids.length))
      throw invalidField('projectIds', 'not_found', 'Name projects of this tenant.')
    return ids
  }
}
