import type { components } from './generated.js'
import { TenantWebhooks } from './tenant-webhooks.js'
import { Listing } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'
import type { WebhookDeliveryQuery, WebhookRange, WebhookReplay } from './webhook-queries.js'

export type Webhook = components['schemas']['Webhook']
/** With the secret, which is never answered again. */
export type WebhookWithSecret = components['schemas']['WebhookWithSecret']
export type WebhookDelivery = components['schemas']['WebhookDelivery']
export type CreateWebhook = components['schemas']['CreateWebhookBody']
export type UpdateWebhook = components['schemas']['ChangeWebhookBody']

/** Where a project is told what happens in it; `ofTenant`: where somebody is told of all of them. */
export class Webhooks {
  readonly ofTenant: TenantWebhooks
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
    this.ofTenant = new TenantWebhooks(transport)
  }

  list(projectId: string, options?: CallOptions): Listing<Webhook> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'webhooks'] }, options)
  }

  /** Keep the secret of the answer: it is not shown again. */
  create(projectId: string, webhook: CreateWebhook, options?: CallOptions): Promise<WebhookWithSecret> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'webhooks'], body: webhook }, options)
  }

  get(projectId: string, webhookId: string, options?: CallOptions): Promise<Webhook> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'webhooks', webhookId] }, options)
  }

  update(projectId: string, webhookId: string, change: UpdateWebhook, options?: CallOptions): Promise<Webhook> {
    return this.#data({ method: 'PATCH', path: ['projects', projectId, 'webhooks', webhookId], body: change }, options)
  }

  async delete(projectId: string, webhookId: string, options?: CallOptions): Promise<void> {
    await this.#data({ method: 'DELETE', path: ['projects', projectId, 'webhooks', webhookId] }, options)
  }

  /** The new secret signs at once, the old one beside it for a day. */
  rotateSecret(projectId: string, webhookId: string, options?: CallOptions): Promise<WebhookWithSecret> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'webhooks', webhookId, 'secret', 'rotate'] }, options)
  }

  /** Sends a message of type `webhook.test`. */
  test(projectId: string, webhookId: string, options?: CallOptions): Promise<WebhookDelivery> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'webhooks', webhookId, 'test'] }, options)
  }

  /** Begins to send what happened in the range, again or for the first time; one replay of an endpoint runs at a time. */
  replay(projectId: string, webhookId: string, range: WebhookRange, options?: CallOptions): Promise<WebhookReplay> {
    const body = Object.fromEntries(Object.entries(range).map(([name, at]) => [name, at instanceof Date ? at.toISOString() : at]))
    return this.#data({ method: 'POST', path: ['projects', projectId, 'webhooks', webhookId, 'replay'], body }, options)
  }

  /** The newest 20. */
  replays(projectId: string, webhookId: string, options?: CallOptions): Listing<WebhookReplay> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'webhooks', webhookId, 'replays'] }, options)
  }

  /** How far a replay is. */
  getReplay(projectId: string, webhookId: string, replayId: string, options?: CallOptions): Promise<WebhookReplay> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'webhooks', webhookId, 'replays', replayId] }, options)
  }

  /** What was sent, newest first, with every try and its answer. */
  deliveries(projectId: string, webhookId: string, query: WebhookDeliveryQuery = {}, options?: CallOptions): Listing<WebhookDelivery> {
    const path = ['projects', projectId, 'webhooks', webhookId, 'deliveries']
    return new Listing(this.#transport, { method: 'GET', path, query }, options)
  }

  resend(projectId: string, webhookId: string, deliveryId: string, options?: CallOptions): Promise<WebhookDelivery> {
    const path = ['projects', projectId, 'webhooks', webhookId, 'deliveries', deliveryId, 'resend']
    return this.#data({ method: 'POST', path }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
