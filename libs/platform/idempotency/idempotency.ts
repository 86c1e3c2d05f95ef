import { idempotentAnswerContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { deleteAttempt, findAttempt, insertAttempt, replaceAttempt, saveAnswer } from '../records/idempotency.store.js'

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
    const fresh = { tenantId, key, requestDigest: digest, startedAt: now, expiresAt: addSeconds(now, DAY_SECONDS) }
    if (await insertAttempt(this.db, fresh)) return { claim: { request, startedAt: now } }
    const found = await findAttempt(this.db, tenantId, key)
    // Its try failed between the two statements and freed the key.
    if (!found) throw new AuthError('idempotency_in_progress')
    const expired = found.expiresAt <= now
    if (!expired && !Buffer.from(found.requestDigest).equals(Buffer.from(digest))) throw new AuthError('idempotency_conflict')
    if (!expired && found.answer) {
      const body = this.box.open(found.answer.sealed, idempotentAnswerContext(tenantId, key)).toString('utf8')
      return { answer: { status: found.answer.status, body } }
    }
    const crashed = found.answer === null && found.startedAt <= addSeconds(now, -CRASHED_AFTER_SECONDS)
    if (!expired && !crashed) throw new AuthError('idempotency_in_progress')
    if (!(await replaceAttempt(this.db, found, fresh))) throw new AuthError('idempotency_in_progress')
    return { claim: { request, startedAt: now } }
  }

  /** Remembers the answer of a claimed request. */
  async complete({ request, startedAt }: Claim, answer: RememberedAnswer): Promise<void> {
    const sealed = this.box.seal(answer.body, idempotentAnswerContext(request.tenantId, request.key))
    await saveAnswer(this.db, { ...request, startedAt }, { status: answer.status, sealed })
  }

  /** Frees the key: the request may be tried again under it. */
  async abandon({ request, startedAt }: Claim): Promise<void> {
    await deleteAttempt(this.db, { ...request, startedAt })
  }
}
