import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import type { CallOptions, Transport } from './transport.js'

export type AuditEntry = components['schemas']['AuditEvent']

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

  /** The chained log of a project, in pieces of text: NDJSON for `verifyAuditExport`, or for a file that `portico audit verify` reads. */
  exportText(projectId: string, options?: CallOptions): AsyncIterable<string> {
    return this.#transport.stream({ method: 'GET', path: ['projects', projectId, 'audit-log', 'export'] }, options)
  }

  list({ projectId, ...query }: AuditQuery = {}, options?: CallOptions): Listing<AuditEntry> {
    const path = projectId === undefined ? ['audit-log'] : ['projects', projectId, 'audit-log']
    return new Listing(this.#transport, { method: 'GET', path, query }, options)
  }
}
