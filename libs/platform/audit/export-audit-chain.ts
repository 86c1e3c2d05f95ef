import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { snakeKeys } from '@portico/kernel/snake-case'
import { auditKeys, chainedLines, publishAuditKey, statementLines, type ChainedLine } from '../records/audit-chain.store.js'
import { subjectOf, type AuditLogRef, type AuditSigner } from '@portico/tokens/audit-signer'

const PAGE = 500

/** Where an export begins, and how many rows it holds at most: a part of a log that others go on from. */
export interface AuditRange {
  after: number
  /** Of the row before; `null`: from the first row on. */
  head: string | null
  most: number
  /** Signed heads up to here have been given already. */
  signedTo: number
}

const WHOLE: AuditRange = { after: 0, head: null, most: Infinity, signedTo: 0 }

export interface AuditPart {
  text: AsyncGenerator<string>
  /** Up to which row it goes, once the text was read. */
  last: () => { seq: number; head: string | null; signedTo: number }
}

/**
 * A chained log as NDJSON for `portico audit verify`: keys, rows in the order of the chain, what was signed about them, an end that is
 * signed as of now. Page by page, each a statement of its own: what a retention or an erasure takes away meanwhile is told of behind the
 * rows.
 */
export class ExportAuditChain {
  constructor(
    private readonly sql: PlatformSql,
    private readonly signer: AuditSigner,
    private readonly clock: Clock,
  ) {}

  /** Rejects while it can still be told to the caller. */
  async execute(log: AuditLogRef, range: AuditRange = WHOLE): Promise<AuditPart> {
    await publishAuditKey(this.sql, this.signer.publicJwk, this.clock.now())
    const keys = await this.keys()
    const at: { seq: number; head: string | null; signedTo: number } = { seq: range.after, head: range.head, signedTo: range.signedTo }
    return { text: this.#text(log, range, keys, at), last: () => at }
  }

  /** The public keys of the installation, the oldest first. */
  keys(): Promise<Record<string, unknown>[]> {
    return auditKeys(this.sql)
  }

  async *#text(log: AuditLogRef, range: AuditRange, keys: object[], at: ReturnType<AuditPart['last']>): AsyncGenerator<string> {
    const subject = subjectOf(log)
    const named = 'project' in subject ? { projectId: subject.project } : { tenantId: subject.tenant }
    const after = { seq: range.after, head: range.head }
    yield line({ type: 'portico.audit', version: 1, ...named, after, keys })
    for await (const rows of this.#pages(log, range)) {
      yield rows.map((row) => `${row.line}\n`).join('')
      ;({ seq: at.seq, head: at.head } = rows.at(-1)!)
    }
    const statements = await statementLines(this.sql, log, { after: Math.min(range.signedTo, range.after), to: at.seq })
    for (const { type, seq, line: text } of statements) {
      if (type === 'signature' && seq! <= range.signedTo) continue
      if (type === 'signature') at.signedTo = Math.max(at.signedTo, seq!)
      yield `${text}\n`
    }
    const head = at.head ?? ''
    const jws = await this.signer.sign('export', { ...subject, from: range.after, seq: at.seq, head, at: this.clock.now().toISOString() })
    yield line({ type: 'end', rows: at.seq, head: at.head, jws })
  }

  async *#pages(log: AuditLogRef, { after: from, most }: AuditRange): AsyncGenerator<ChainedLine[]> {
    for (let after = from; after - from < most; ) {
      const limit = Math.min(PAGE, most - (after - from))
      const rows = await chainedLines(this.sql, log, after, limit)
      if (rows.length > 0) yield rows
      if (rows.length < limit) return
      after = rows.at(-1)!.seq
    }
  }
}

const line = (value: Readonly<Record<string, unknown>>) => `${JSON.stringify(snakeKeys(value))}\n`
