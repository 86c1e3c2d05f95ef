import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type AuditEntry = components['schemas']['AuditEvent']

export type AuditStream = components['schemas']['AuditStream']
export type SetAuditStream = components['schemas']['SetAuditStreamBody']
export type Erasure = components['schemas']['Erasure']

export type AuditQuery = Omit<components['schemas']['TenantAuditLogQuery'], NumberedPages | 'since' | 'until'> & {
  /** Only what happened in this project. */
  projectId?: string
  /** Only what this user of the project did, or what was done to them; needs `projectId`. */
  userId?: string
  since?: string | Date
  until?: string | Date
}

/** Who did what, newest first. */
export class AuditLog {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * The chained log of a project, or of the tenant itself without one, in pieces of text: NDJSON for `verifyAuditExport`, or for a file
   * that `portico audit verify` reads.
   */
  exportText(projectId?: string, options?: CallOptions): AsyncIterable<string> {
    const path = projectId === undefined ? ['audit-log', 'export'] : ['projects', projectId, 'audit-log', 'export']
    return this.#transport.stream({ method: 'GET', path }, options)
  }

  /** What signed heads, exports and receipts are verified with: keep them apart from those. */
  async keys(options?: CallOptions): Promise<object[]> {
    const { keys } = await this.#transport.send<{ keys: object[] }>({ method: 'GET', path: ['audit-keys'] }, options)
    return keys
  }

  /** For how many days rows are kept; `null`: for ever. */
  async retention(options?: CallOptions): Promise<number | null> {
    return (await this.#data<{ days: number | null }>({ method: 'GET', path: ['audit-log', 'retention'] }, options)).days
  }

  /** Older rows of the tenant and all its projects go for good, and leave links that still verify. */
  async setRetention(days: number | null, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'PUT', path: ['audit-log', 'retention'], body: { days } }, options)
  }

  /** Where the log of the tenant and its projects is streamed to, and how that does. */
  stream(options?: CallOptions): Promise<AuditStream | null> {
    return this.#data({ method: 'GET', path: ['audit-log', 'stream'] }, options)
  }

  /** `secret` of the answer signs what an HTTPS endpoint is sent; it is never answered again. */
  setStream(stream: SetAuditStream, options?: CallOptions): Promise<AuditStream> {
    return this.#data({ method: 'PUT', path: ['audit-log', 'stream'], body: stream }, options)
  }

  async removeStream(options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['audit-log', 'stream'] }, options)
  }

  async #data<T>(call: Call, options?: CallOptions): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }

  list({ projectId, ...query }: AuditQuery = {}, options?: CallOptions): Listing<AuditEntry> {
    const path = projectId === undefined ? ['audit-log'] : ['projects', projectId, 'audit-log']
    return new Listing(this.#transport, { method: 'GET', path, query }, options)
  }
}
