import type { components } from './generated.js'
import { Listing } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'
import type { WebhookDeliveryQuery, WebhookRange, WebhookReplay } from './webhook-queries.js'

export type TenantWebhook = components['schemas']['TenantWebhook']
export type TenantWebhookWithSecret = components['schemas']['TenantWebhookWithSecret']
export type TenantWebhookDelivery = components['schemas']['TenantWebhookDelivery']
export type CreateTenantWebhook = components['schemas']['CreateTenantWebhookBody']
export type UpdateTenantWebhook = components['schemas']['ChangeTenantWebhookBody']

/** Where somebody is told what happens in all projects of the tenant, or in chosen ones. */
export class TenantWebhooks {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(options?: CallOptions): Listing<TenantWebhook> {
    return new Listing(this.#transport, { method: 'GET', path: ['webhooks'] }, options)
  }

  /** Keep the secret of the answer: it is not shown again. */
  create(webhook: CreateTenantWebhook, options?: CallOptions): Promise<TenantWebhookWithSecret> {
    return this.#data({ method: 'POST', path: ['webhooks'], body: webhook }, options)
  }

  get(webhookId: string, options?: CallOptions): Promise<TenantWebhook> {
    return this.#data({ method: 'GET', path: ['webhooks', webhookId] }, options)
  }

  update(webhookId: string, change: UpdateTenantWebhook, options?: CallOptions): Promise<TenantWebhook> {
    return this.#data({ method: 'PATCH', path: ['webhooks', webhookId], body: change }, options)
  }

  async delete(webhookId: string, options?: CallOptions): Promise<void> {
    await this.#data({ method: 'DELETE', path: ['webhooks', webhookId] }, options)
  }

  /** The new secret signs at once, the old one beside it for a day. */
  rotateSecret(webhookId: string, options?: CallOptions): Promise<TenantWebhookWithSecret> {
    return this.#data({ method: 'POST', path: ['webhooks', webhookId, 'secret', 'rotate'] }, options)
  }

  /** Sends a message of type `webhook.test`. */
  test(webhookId: string, options?: CallOptions): Promise<TenantWebhookDelivery> {
    return this.#data({ method: 'POST', path: ['webhooks', webhookId, 'test'] }, options)
  }

  /** Begins to send what happened in the range, again or for the first time; one replay of an endpoint runs at a time. */
  replay(webhookId: string, range: WebhookRange, options?: CallOptions): Promise<WebhookReplay> {
    const body = Object.fromEntries(Object.entries(range).map(([name, at]) => [name, at instanceof Date ? at.toISOString() : at]))
    return this.#data({ method: 'POST', path: ['webhooks', webhookId, 'replay'], body }, options)
  }

  /** The newest 20. */
  replays(webhookId: string, options?: CallOptions): Listing<WebhookReplay> {
    return new Listing(this.#transport, { method: 'GET', path: ['webhooks', webhookId, 'replays'] }, options)
  }

  /** How far a replay is. */
  getReplay(webhookId: string, replayId: string, options?: CallOptions): Promise<WebhookReplay> {
    return this.#data({ method: 'GET', path: ['webhooks', webhookId, 'replays', replayId] }, options)
  }

  /** What was sent, newest first, with every try and its answer. */
  deliveries(webhookId: string, query: WebhookDeliveryQuery = {}, options?: CallOptions): Listing<TenantWebhookDelivery> {
    return new Listing(this.#transport, { method: 'GET', path: ['webhooks', webhookId, 'deliveries'], query }, options)
  }

  resend(webhookId: string, deliveryId: string, options?: CallOptions): Promise<TenantWebhookDelivery> {
    return this.#data({ method: 'POST', path: ['webhooks', webhookId, 'deliveries', deliveryId, 'resend'] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
