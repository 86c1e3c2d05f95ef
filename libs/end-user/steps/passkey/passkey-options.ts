import { authenticationOptions, type RelyingParty } from '@portico/authenticators/passkeys'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import type { AuthUrls } from '../../project/auth-urls.js'
import { UNBOUND } from './challenge-binding.js'
import { CHALLENGE_BYTES, CHALLENGE_SECONDS, insertChallenge, type ChallengePurpose } from '../../records/webauthn-challenge.store.js'
import { listPasskeys } from '../../records/passkey.store.js'
import { relyingPartyOf } from './relying-party.js'

/** Fresh challenges, stored with what they are for. */
export class PasskeyOptions {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** For signing in without saying who one is: any discoverable passkey, and the person must be verified. */
  async signIn(project: ProjectRecord) {
    const rp = await relyingPartyOf(this.db, this.urls, project)
    const challenge = await this.challenge(project, rp, 'sign_in', UNBOUND)
    return authenticationOptions({ rp, challenge, timeoutSeconds: CHALLENGE_SECONDS, allow: [], userVerification: 'required' })
  }

  /** For a second factor: one of the user's own passkeys. */
  async secondFactor(project: ProjectRecord, userId: string, boundTo: string) {
    const rp = await relyingPartyOf(this.db, this.urls, project)
    // One that was made for another domain is none here: the browser would not find it.
    const allow = (await listPasskeys(this.db, project.scope, userId)).filter(({ rpId }) => rpId === rp.id)
    const challenge = await this.challenge(project, rp, 'second_factor', boundTo)
    return authenticationOptions({ rp, challenge, timeoutSeconds: CHALLENGE_SECONDS, allow, userVerification: 'preferred' })
  }

  async challenge(project: ProjectRecord, rp: RelyingParty, purpose: ChallengePurpose, boundTo: string): Promise<Buffer> {
    const challenge = this.entropy.bytes(CHALLENGE_BYTES)
    const expiresAt = addSeconds(this.clock.now(), CHALLENGE_SECONDS)
    await insertChallenge(this.db, project.scope, { challenge, purpose, boundTo, rpId: rp.id, expiresAt })
    return challenge
  }
}
