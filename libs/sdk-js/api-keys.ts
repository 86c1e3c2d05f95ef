import type { components } from './generated.js'
import { Listing, type PageQuery } from './page.js'
import type { CallOptions, Transport } from './transport.js'

export type ApiKey = components['schemas']['ApiKey']
export type NewApiKey = components['schemas']['NewApiKey']
export type CreateApiKey = components['schemas']['CreateApiKeyBody']

/** The API keys of the tenant that this client's own key belongs to. */
export class ApiKeys {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(query?: PageQuery, options?: CallOptions): Listing<ApiKey> {
    return new Listing(this.#transport, { method: 'GET', path: ['api-keys'], query }, options)
  }

  /** `key` in the answer is shown this once: only its digest is stored. */
  async create(key: CreateApiKey, options?: CallOptions): Promise<NewApiKey> {
    const { data } = await this.#transport.send<{ data: NewApiKey }>({ method: 'POST', path: ['api-keys'], body: key }, options)
    return data
  }

  /** Effective everywhere within a second. */
  async revoke(keyId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['api-keys', keyId] }, options)
  }
}
