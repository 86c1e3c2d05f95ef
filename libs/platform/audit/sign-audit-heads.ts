import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { saveSignedHeads, unsignedHeads } from '../records/audit-chain.store.js'
import { AuditSigner, subjectOf } from '@portico/tokens/audit-signer'

const HEADS_PER_STEP = 200
const MAX_STEPS = 50

/**
 * Signs, once a day, where the chain of each log stands. Who can write to the database alone can compute a chain anew, and not the
 * signatures.
 */
export class SignAuditHeads {
  readonly #signer: AuditSigner

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    masterKey: Buffer,
  ) {
    this.#signer = new AuditSigner(masterKey)
  }

  async execute(isStopping: () => boolean = () => false): Promise<number> {
    const { publicJwk } = this.#signer
    let signed = 0
    for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
      const now = this.clock.now()
      const day = now.toISOString().slice(0, 10)
      const unsigned = await unsignedHeads(this.sql, { day, limit: HEADS_PER_STEP })
      if (unsigned.length === 0) break
      const heads = await Promise.all(
        unsigned.map(async ({ log, seq, head }) => {
          const jws = await this.#signer.sign('head', { ...subjectOf(log), seq, head, day })
          return { log, seq, jws }
        }),
      )
      await saveSignedHeads(this.sql, { publicJwk, day, heads, now })
      signed += heads.length
      if (heads.length < HEADS_PER_STEP) break
    }
    return signed
  }
}
