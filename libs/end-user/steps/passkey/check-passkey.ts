import { readAnswer, verifyAssertion } from '@portico/authenticators/passkeys'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { byUser, type Caller } from '../../caller.js'
import type { AuthUrls } from '../../project/auth-urls.js'
import { takeChallenge, type ChallengePurpose } from '../../records/webauthn-challenge.store.js'
import { findPasskey, raiseSignCount, type FoundPasskey } from '../../records/passkey.store.js'
import { relyingPartyOf } from './relying-party.js'
import { userHandleOf } from './user-handle.js'

export interface ProvenPasskey {
  passkeyId: string
  userId: string
  emailVerified: boolean
  /** RFC 8176: what a passkey that can be backed up proves is a key in software; `mfa` when the person was verified too. */
  amr: string[]
}

interface Claim {
  purpose: Exclude<ChallengePurpose, 'register'>
  boundTo: string
  /** Null: the owner of the passkey. Then the person must have been verified. */
  userId: string | null
}

/**
 * Checks the answer of a passkey against the challenge it was asked, and counts its use. Everything wrong is one answer: `passkey_refused`.
 */
export class CheckPasskey {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, assertion: Record<string, unknown>, claim: Claim, caller: Caller): Promise<ProvenPasskey> {
    const { scope } = project
    const answer = readAnswer(assertion)
    if (!answer) throw new AuthError('passkey_refused')
    const rp = await relyingPartyOf(this.db, this.urls, project)
    const challenge = { challenge: answer.challenge, purpose: claim.purpose, boundTo: claim.boundTo, rpId: rp.id, now: this.clock.now() }
    if (!(await takeChallenge(this.db, scope, challenge))) throw new AuthError('passkey_refused')
    const passkey = await findPasskey(this.db, scope, answer.credentialId)
    if (!passkey || passkey.rpId !== rp.id || !belongsTo(passkey, answer.userHandle, claim)) throw new AuthError('passkey_refused')
    let cause: unknown
    const checked = await verifyAssertion(assertion, {
      rp,
      challenge: answer.challenge,
      passkey: { credentialId: answer.credentialId, publicKey: passkey.publicKey, backupEligible: passkey.backupEligible },
      requireUserVerification: claim.userId === null,
      onRefusal: (error) => (cause = error),
    })
    if (!checked) throw new AuthError('passkey_refused', { cause })
    const now = this.clock.now()
    const grew = await this.db.transaction(scope, async (tx) => {
      // A sign-in without a list of ids used a discoverable credential.
      const seen = { discovered: claim.userId === null, userVerified: checked.userVerified }
      if (await raiseSignCount(tx, { id: passkey.id, signCount: checked.signCount, backedUp: checked.backedUp, ...seen, now })) return true
      await recordAudit(
        tx,
        {
          action: 'passkey.sign_count_regressed',
          ...byUser(passkey.userId, caller), resource: 'factor', resourceId: passkey.id,
          metadata: { signCount: checked.signCount },
        },
        now,
      )
      return false
    })
    if (!grew) throw new AuthError('passkey_refused')
    const amr = [passkey.backupEligible ? 'swk' : 'hwk', 'user', ...(checked.userVerified ? ['mfa'] : [])]
    return { passkeyId: passkey.id, userId: passkey.userId, emailVerified: passkey.emailVerified, amr }
  }
}

/** WebAuthn, 7.2, step 6. A discoverable passkey says whose it is, and must. */
function belongsTo({ userId }: FoundPasskey, handle: Buffer | null, claim: Claim): boolean {
  if (claim.userId !== null && claim.userId !== userId) return false
  return handle === null ? claim.userId !== null : handle.equals(userHandleOf(userId))
}
