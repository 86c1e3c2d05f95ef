import { readAnswer, registrationOptions, verifyRegistration } from '@portico/authenticators/passkeys'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { appName } from '@portico/kernel/settings/branding'
import type { Caller } from '../caller.js'
import type { AuthUrls } from '../project/auth-urls.js'
import type { Enrolling } from '../steps/enrolling.js'
import { finishEnrolment, issueEnrolled, openEnrolment } from '../steps/finish-enrolment.js'
import type { FreshProof, RequireFreshFactor } from '../steps/require-fresh-factor.js'
import type { IssuedSession, TokenIssuer } from '../steps/token-issuer.js'
import { CHALLENGE_SECONDS, takeChallenge } from '../records/webauthn-challenge.store.js'
import type { PasskeyOptions } from '../steps/passkey/passkey-options.js'
import { countPasskeys, insertPasskey, listPasskeys, type ListedPasskey } from '../records/passkey.store.js'
import { relyingPartyOf } from '../steps/passkey/relying-party.js'
import { userHandleOf } from '../steps/passkey/user-handle.js'

const MAX_PASSKEYS = 20

/** What a browser needs to make a passkey for this user. */
export class StartPasskey {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly options: PasskeyOptions,
    private readonly requireFresh: RequireFreshFactor,
  ) {}

  async execute(project: ProjectRecord, who: Enrolling, given: FreshProof, caller: Caller) {
    const rp = await relyingPartyOf(this.db, this.urls, project)
    if (who.session) await this.requireFresh.execute(project, who.session, given, caller)
    const exclude = await listPasskeys(this.db, project.scope, who.userId)
    if (exclude.length >= MAX_PASSKEYS) throw tooManyPasskeys()
    return registrationOptions({
      rp,
      rpName: appName(project),
      userHandle: userHandleOf(who.userId),
      userName: who.email,
      challenge: await this.options.challenge(project, rp, 'register', who.boundTo),
      timeoutSeconds: CHALLENGE_SECONDS,
      exclude,
    })
  }
}

function tooManyPasskeys(): AuthError {
  return new AuthError('conflict', { message: `No more than ${MAX_PASSKEYS} passkeys.` })
}

export interface RegisteredPasskey {
  passkey: ListedPasskey
  issued: IssuedSession
  recoveryCodes: string[] | null
}

/** Keeps a passkey that was made for the challenge. */
export class RegisterPasskey {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `passkey_refused`, and `conflict` for a passkey that the project knows already. */
  async execute(
    project: ProjectRecord,
    who: Enrolling,
    input: { credential: Record<string, unknown>; friendlyName?: string | undefined },
    caller: Caller,
  ): Promise<RegisteredPasskey> {
    const answer = readAnswer(input.credential)
    if (!answer) throw new AuthError('passkey_refused')
    const rp = await relyingPartyOf(this.db, this.urls, project)
    const now = this.clock.now()
    const challenge = { challenge: answer.challenge, purpose: 'register' as const, boundTo: who.boundTo, rpId: rp.id, now }
    if (!(await takeChallenge(this.db, project.scope, challenge))) throw new AuthError('passkey_refused')
    let cause: unknown
    const made = await verifyRegistration(input.credential, { rp, challenge: answer.challenge, onRefusal: (error) => (cause = error) })
    if (!made) throw new AuthError('passkey_refused', { cause })
    const { passkey, enrolled } = await this.db.transaction(project.scope, async (tx) => {
      await openEnrolment(tx, who)
      // Counted again under the lock: twenty ceremonies may have begun while there was room for one.
      if ((await countPasskeys(tx, who.userId)) >= MAX_PASSKEYS) throw tooManyPasskeys()
      const id = this.entropy.uuid()
      const stored = await insertPasskey(tx, {
        id, userId: who.userId, passkey: made, rpId: rp.id, friendlyName: input.friendlyName ?? 'Passkey', userAgent: caller.userAgent, now,
      })
      if (!stored) throw new AuthError('conflict', { message: 'This passkey is registered already.' })
      const amr = [made.backupEligible ? 'swk' : 'hwk', 'user']
      return {
        passkey: stored,
        enrolled: await finishEnrolment(tx, project, who, { factor: { id, type: 'webauthn' }, amr, entropy: this.entropy, now, caller }),
      }
    })
    return { passkey, recoveryCodes: enrolled.recoveryCodes, issued: await issueEnrolled(this.issuer, project, who, enrolled, caller) }
  }
}
