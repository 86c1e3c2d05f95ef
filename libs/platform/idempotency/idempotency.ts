import { idempotentAnswerContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { onPlatform } from '../platform-errors.js'

export interface IdempotentRequest {
  tenantId: string
  key: string
  /** SHA-256 of method, path, API key and body. */
  digest: Uint8Array<ArrayBuffer>
}

/** The right to run the request; `startedAt` tells this try from a later one that took over. */
export interface Claim {
  request: IdempotentRequest
  startedAt: Date
}

export interface RememberedAnswer {
  status: number
  body: string
}

// A try that has not answered by then was cut down with its process; requests themselves end after seconds.
const CRASHED_AFTER_SECONDS = MINUTE_SECONDS

/** One effect per `Idempotency-Key` and tenant within 24 h; repeats get the first answer. Answers may hold secrets, so they are sealed. */
export class Idempotency {
  constructor(
    private readonly db: PlatformDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /**
   * A claim to run the request, or the answer it had before.
   * Throws `idempotency_conflict` for another request under the key and `idempotency_in_progress` while the first still runs.
   */
  async begin(request: IdempotentRequest): Promise<{ claim: Claim } | { answer: RememberedAnswer }> {
    const { tenantId, key, digest } = request
    const now = this.clock.now()
    const fresh = { tenantId, key, requestDigest: digest, createdAt: now, expiresAt: addSeconds(now, DAY_SECONDS) }
    return onPlatform(async () => {
      const { count } = await this.db.idempotencyRecord.createMany({ data: [fresh], skipDuplicates: true })
      if (count === 1) return { claim: { request, startedAt: now } }
      const found = await this.db.idempotencyRecord.findUnique({ where: { tenantId_key: { tenantId, key } } })
      // Its try failed between the two statements and freed the key.
      if (!found) throw new AuthError('idempotency_in_progress')
      const expired = found.expiresAt <= now
      if (!expired && !Buffer.from(found.requestDigest).equals(Buffer.from(digest))) throw new AuthError('idempotency_conflict')
      if (!expired && found.answerStatus !== null && found.answerSealed !== null) {
        const body = this.box.open(Buffer.from(found.answerSealed), idempotentAnswerContext(tenantId, key)).toString('utf8')
        return { answer: { status: found.answerStatus, body } }
      }
      const crashed = found.answerStatus === null && found.createdAt <= addSeconds(now, -CRASHED_AFTER_SECONDS)
      if (!expired && !crashed) throw new AuthError('idempotency_in_progress')
      const taken = await this.db.idempotencyRecord.updateMany({
        where: { tenantId, key, createdAt: found.createdAt },
        data: { requestDigest: digest, answerStatus: null, answerSealed: null, createdAt: now, expiresAt: fresh.expiresAt },
      })
      if (taken.count !== 1) throw new AuthError('idempotency_in_progress')
      return { claim: { request, startedAt: now } }
    })
  }

  /** Remembers the answer of a claimed request. */
  async complete(claim: Claim, answer: RememberedAnswer): Promise<void> {
    const { tenantId, key } = claim.request
    const answerSealed = new Uint8Array(this.box.seal(answer.body, idempotentAnswerContext(tenantId, key)))
    await onPlatform(() =>
      this.db.idempotencyRecord.updateMany({
        where: { tenantId, key, createdAt: claim.startedAt, answerStatus: null },
        data: { answerStatus: answer.status, answerSealed },
      }),
    )
  }

  /** Frees the key: the request may be tried again under it. */
  async abandon(claim: Claim): Promise<void> {
    const { tenantId, key } = claim.request
    await onPlatform(() => this.db.idempotencyRecord.deleteMany({ where: { tenantId, key, createdAt: claim.startedAt, answerStatus: null } }))
  }
}
