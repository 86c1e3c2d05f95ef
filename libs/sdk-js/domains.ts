import type { components } from './generated.js'
import { Listing, type PageQuery } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type Domain = components['schemas']['Domain']

/** Domains of a project's own, for its auth service to answer at. */
export class Domains {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(projectId: string, query?: PageQuery, options?: CallOptions): Listing<Domain> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'domains'], query }, options)
  }

  /** The answer says which DNS record proves that the domain is yours. */
  add(projectId: string, hostname: string, options?: CallOptions): Promise<Domain> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'domains'], body: { hostname } }, options)
  }

  /** Looks the DNS record up now. */
  verify(projectId: string, domainId: string, options?: CallOptions): Promise<Domain> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'domains', domainId, 'verify'] }, options)
  }

  /** Mailed links lead there from now on, and tokens name it where `token_issuer` is `main_domain`. */
  makeMain(projectId: string, domainId: string, options?: CallOptions): Promise<Domain> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'domains', domainId, 'main'] }, options)
  }

  /** To another project of the tenant, with its proof. `passkeys_stranded` as for `remove`. */
  handOver(
    projectId: string,
    domainId: string,
    to: { projectId: string; force?: boolean },
    options?: CallOptions,
  ): Promise<{ id: string; projectId: string }> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'domains', domainId, 'hand-over'], body: to }, options)
  }

  /** `passkeys_stranded` when it is the domain of passkeys that are people's only way in, unless `force`. */
  async remove(projectId: string, domainId: string, { force, ...options }: CallOptions & { force?: boolean } = {}): Promise<void> {
    await this.#transport.send(
      { method: 'DELETE', path: ['projects', projectId, 'domains', domainId], ...(force === undefined ? {} : { query: { force } }) },
      options,
    )
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
