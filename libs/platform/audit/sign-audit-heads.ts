import { deriveP256Key, type P256Key } from '@portico/crypto/p256-key'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { signAuditHead } from '@portico/tokens/audit-head'
import { saveSignedHeads, unsignedHeads } from '../records/audit-chain.store.js'

const HEADS_PER_STEP = 200
const MAX_STEPS = 50

/**
 * Signs, once a day, where the chain of each project's audit log stands. Who can write to the database alone can compute a chain anew, and
 * not the signatures: their key follows from the master key.
 */
export class SignAuditHeads {
  readonly #key: P256Key

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    masterKey: Buffer,
  ) {
    this.#key = deriveP256Key(masterKey, 'portico/audit-head')
  }

  async execute(isStopping: () => boolean = () => false): Promise<number> {
    const { kid, x, y } = this.#key
    const publicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }
    let signed = 0
    for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
      const now = this.clock.now()
      const day = now.toISOString().slice(0, 10)
      const heads = await unsignedHeads(this.sql, { day, limit: HEADS_PER_STEP })
      if (heads.length === 0) break
      const jws = await Promise.all(
        heads.map(({ projectId, seq, head }) => signAuditHead(this.#key, { project: formatId('proj', projectId), seq, head, day })),
      )
      await saveSignedHeads(this.sql, { publicJwk, day, heads: heads.map((head, i) => ({ ...head, jws: jws[i]! })), now })
      signed += heads.length
      if (heads.length < HEADS_PER_STEP) break
    }
    return signed
  }
}
