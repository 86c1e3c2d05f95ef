import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import type { CallOptions, Transport } from './transport.js'

/** What a project used in a day or month of UTC; `id` is the same at every export, and a `final` row does not change any more. */
export type UsageRow = components['schemas']['UsageRow']
type Window = { from?: string | Date; to?: string | Date }
export type UsageQuery = Omit<components['schemas']['TenantUsageQuery'], NumberedPages | 'from' | 'to'> & Window
export type ProjectUsageQuery = Omit<UsageQuery, 'group_by' | 'groupBy'>

/** What was used, by project and day or month: for bills and limits. */
export class Usage {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Every project of the tenant, period after period; with `groupBy: 'tenant'` all together. */
  list(query: UsageQuery = {}, options?: CallOptions): Listing<UsageRow> {
    return new Listing(this.#transport, { method: 'GET', path: ['usage'], query }, options)
  }

  ofProject(projectId: string, query: ProjectUsageQuery = {}, options?: CallOptions): Listing<UsageRow> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'usage'], query }, options)
  }
}
