import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { auditKeys, chainedRows, signedHeads, type ChainedRow, type SignedHead } from '../records/audit-chain.store.js'

const PAGE = 500

export interface AuditChain {
  keys: Record<string, unknown>[]
  signatures: SignedHead[]
  pages: AsyncIterable<ChainedRow[]>
}

/** The chained audit log of a project from its first row on, page by page, each in a transaction of its own. */
export class ExportAuditChain {
  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
  ) {}

  /** Rejects while it can still be told to the caller. Signatures are read first: every one of them is about rows that follow. */
  async execute(scope: ProjectScope): Promise<AuditChain> {
    const signatures = await this.db.transaction(scope, signedHeads)
    return { keys: await this.keys(), signatures, pages: this.#pages(scope) }
  }

  /** The public keys that heads were signed with, the oldest first. */
  keys(): Promise<Record<string, unknown>[]> {
    return auditKeys(this.sql)
  }

  async *#pages(scope: ProjectScope): AsyncGenerator<ChainedRow[]> {
    for (let after = 0; ; ) {
      const rows = await this.db.transaction(scope, (tx) => chainedRows(tx, after, PAGE))
      if (rows.length > 0) yield rows
      if (rows.length < PAGE) return
      after = rows.at(-1)!.seq
    }
  }
}
