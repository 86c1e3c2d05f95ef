import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { cutAudit, dueAuditCuts } from '../records/audit-retention.store.js'
import { AuditSigner, subjectOf } from '@portico/tokens/audit-signer'

const LOGS_PER_STEP = 50
/** Of one log in one transaction. */
const ROWS_PER_CUT = 2_000
const MAX_STEPS = 50

/**
 * Deletes audit rows that are older than their tenant keeps them, from the beginning of each log on. Their links stay, and a signed
 * statement says up to where: whatever else is missing was not deleted by this.
 */
export class KeepAuditRows {
  readonly #signer: AuditSigner

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    masterKey: Buffer,
  ) {
    this.#signer = new AuditSigner(masterKey)
  }

  /** How many rows went. */
  async execute(isStopping: () => boolean = () => false): Promise<number> {
    let gone = 0
    for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
      const now = this.clock.now()
      const due = await dueAuditCuts(this.sql, { now, limit: LOGS_PER_STEP, rows: ROWS_PER_CUT })
      for (const { log, seq, head, before } of due) {
        const jws = await this.#signer.sign('retention', { ...subjectOf(log), seq, head, before: before.toISOString() })
        gone += await cutAudit(this.sql, { log, seq, before, jws, publicJwk: this.#signer.publicJwk, now })
      }
      if (due.length === 0) break
    }
    return gone
  }
}
