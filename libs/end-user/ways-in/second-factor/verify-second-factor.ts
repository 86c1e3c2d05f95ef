import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import type { FactorProof, ProveFactor } from '../../steps/prove-factor.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { IssuedSession, TokenIssuer } from '../../steps/token-issuer.js'
import { pendingBinding } from '../../steps/passkey/challenge-binding.js'
import { finishSignIn } from '../../steps/finish-sign-in.js'
import { findPendingSignIn } from '../../records/pending-sign-in.store.js'

/**
 * The second half of a sign-in: the token of the first and a factor, for a session. A wrong factor leaves the token good for another try.
 */
export class VerifySecondFactor {
  constructor(
    private readonly db: ProjectDb,
    private readonly prove: ProveFactor,
    private readonly issuer: TokenIssuer,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, input: { mfaToken: string; proof: FactorProof }, caller: Caller): Promise<IssuedSession> {
    const digest = digestToken(input.mfaToken)
    const pending = await findPendingSignIn(this.db, project.scope, { digest, now: this.clock.now() })
    const userId = pending?.kind === 'verify' ? pending.userId : null
    // A wrong code has its row where codes are counted.
    if (userId !== null && input.proof.code !== undefined) {
      return this.#verify(project, { digest, userId, proof: input.proof }, caller).catch((error: unknown) => {
        if (error instanceof AuthError && error.code === 'invalid_code')
          this.refusals.note(project, { method: 'second_factor', reason: error.code, userId }, caller)
        throw error
      })
    }
    return this.refusals.watch(project, { method: 'second_factor', userId }, caller, () =>
      this.#verify(project, { digest, userId, proof: input.proof }, caller),
    )
  }

  async #verify(
    project: ProjectRecord,
    { digest, userId, proof }: { digest: Buffer; userId: string | null; proof: FactorProof },
    caller: Caller,
  ): Promise<IssuedSession> {
    if (userId === null) throw new AuthError('invalid_or_expired_token')
    const claim = { userId, proof, boundTo: pendingBinding(digest), sessionId: null, caller }
    const session = await this.prove.execute(project, claim, (tx, proven) =>
      finishSignIn(tx, project, { digest, kind: 'verify', secondAmr: proven.amr, entropy: this.entropy, now: this.clock.now(), caller }),
    )
    const issued = await this.issuer.issue(project, session)
    const { projectId } = project.scope
    this.issuer.attempts.note({ projectId, method: 'second_factor', outcome: 'succeeded', userId, caller })
    return issued
  }
}
