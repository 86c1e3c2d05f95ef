import { readRecoveryCode } from '@portico/authenticators/recovery-code'
import { acceptedTotpStep, readTotpCode } from '@portico/authenticators/totp'
import { totpSeedContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { UNBOUND } from './passkey/challenge-binding.js'
import type { CheckPasskey } from './passkey/check-passkey.js'
import type { AdmitFactor } from './admit-factor.js'
import { acceptStep, lockTotpFactors } from '../records/factor.store.js'
import { spendRecoveryCode } from '../records/recovery-code.store.js'

/** What somebody offers as a second factor: a code (of an authenticator app, or a recovery code) or the answer of a passkey. */
export interface FactorProof {
  factorId?: string | undefined
  code?: string | undefined
  assertion?: Record<string, unknown> | undefined
}

export interface ProvenFactor {
  method: 'totp' | 'recovery_code' | 'webauthn'
  /** RFC 8176. */
  amr: string[]
}

interface Claim {
  userId: string
  proof: FactorProof
  /** What a passkey's challenge was made for: this session, or this pending sign-in. */
  boundTo: string
  /** The live session of this user that it comes from; `null`: from none. */
  sessionId: string | null
  caller: Caller
}

/** Checks a second factor. What it opens is done in the transaction that spends it, so neither happens without the other. */
export class ProveFactor {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly passkeys: CheckPasskey,
    private readonly admission: AdmitFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_code` or `passkey_refused`, `rate_limited`, and whatever `work` throws: then nothing was spent. */
  async execute<T>(project: ProjectRecord, claim: Claim, work: (tx: ProjectTx, proven: ProvenFactor) => Promise<T>): Promise<T> {
    const { code, assertion, factorId } = claim.proof
    if ((code === undefined) === (assertion === undefined))
      throw invalidField('code', 'required', 'Send either a code or the answer of a passkey.')
    if (factorId !== undefined && !isUuid(factorId)) throw invalidField('factorId', 'invalid', 'This must be the id of a factor.')
    if (assertion !== undefined) {
      const passkey = await this.passkeys.execute(
        project,
        assertion,
        { purpose: 'second_factor', boundTo: claim.boundTo, userId: claim.userId },
        claim.caller,
      )
      return this.db.transaction(project.scope, (tx) => work(tx, { method: 'webauthn', amr: passkey.amr }))
    }
    // What cannot be a code of either kind can open nothing, so it is not worth a guess.
    const typed = readCode(code ?? '')
    if (typed === null) throw new AuthError('invalid_code')
    // Counted before it is looked at: a thousand guesses at once are a thousand guesses.
    const attempt = await this.admission.execute(project, claim)
    const done = await this.db.transaction(project.scope, async (tx) => {
      const proven = await this.#checkCode(tx, project, claim, typed)
      return proven && { value: await work(tx, proven) }
    })
    if (!done) {
      await this.#noteFailure(project, claim)
      throw new AuthError('invalid_code')
    }
    await attempt.succeeded()
    return done.value
  }

  /** One transaction, in which a code is spent too when there is one. */
  beside<T>(
    project: ProjectRecord,
    given: { userId: string; code: string | undefined; sessionId: string | undefined; caller: Caller },
    work: (tx: ProjectTx, proven: ProvenFactor | null) => Promise<T>,
  ): Promise<T> {
    const { userId, code, sessionId = null, caller } = given
    if (code === undefined) return this.db.transaction(project.scope, (tx) => work(tx, null))
    return this.execute(project, { userId, proof: { code }, boundTo: UNBOUND, sessionId, caller }, work)
  }

  async #checkCode(
    tx: ProjectTx,
    project: ProjectRecord,
    { userId, proof, caller }: Claim,
    typed: TypedCode,
  ): Promise<ProvenFactor | null> {
    const now = this.clock.now()
    // First, as in every change of factors: the same order of locks everywhere.
    if (!(await lockEndUser(tx, userId))) return null
    if ('totp' in typed) {
      for (const factor of await lockTotpFactors(tx, userId, proof.factorId ?? null)) {
        if (!factor.active) continue
        const seed = this.box.open(factor.sealed, totpSeedContext(project.scope.projectId, factor.id))
        const step = acceptedTotpStep(seed, typed.totp, { now, lastAcceptedStep: factor.lastAcceptedStep })
        if (step === null) continue
        await acceptStep(tx, { factorId: factor.id, step, now })
        return { method: 'totp', amr: ['otp'] }
      }
      return null
    }
    if (!(await spendRecoveryCode(tx, userId, typed.recovery, now))) return null
    await recordAudit(
      tx,
      { action: 'factor.recovery_code_used', ...byUser(userId, caller) },
      now,
    )
    await addToOutbox(
      tx,
      this.entropy.uuid(),
      { kind: 'security_notice', payload: { endUserId: userId, event: 'recovery_code_used' } },
      now,
    )
    return { method: 'recovery_code', amr: ['recovery'] }
  }

  async #noteFailure(project: ProjectRecord, { userId, caller }: Claim): Promise<void> {
    await this.db.transaction(project.scope, (tx) =>
      recordAudit(
        tx,
        { action: 'factor.code_refused', ...byUser(userId, caller), metadata: { method: 'second_factor', reason: 'invalid_code' } },
        this.clock.now(),
      ),
    )
  }
}

type TypedCode = { totp: string } | { recovery: string }

/** As people type it; `null`: neither kind of code looks like this. */
function readCode(text: string): TypedCode | null {
  const totp = readTotpCode(text)
  if (totp !== null) return { totp }
  const recovery = readRecoveryCode(text)
  return recovery === null ? null : { recovery }
}
