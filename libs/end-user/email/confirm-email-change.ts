import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { setEmail, setPendingEmail } from '../records/end-user.store.js'
import { readActiveFactors } from '../records/factors.view.js'
import { findOneTimeTokenOwner } from '../records/one-time-token.store.js'
import { consumeOneTimeToken, TOKENS_TO_THE_MAILBOX, voidOneTimeTokens } from '../records/one-time-token.store.js'
import { rememberOutcome } from '../records/one-time-token.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { showsSomething, type CheckHolder } from '../steps/check-holder.js'
import { changedJustNow } from '../steps/confirmed-just-now.js'
import { proveAddress, withFactor, type ProvenAddress } from '../steps/prove-address.js'
import type { ProveFactor } from '../steps/prove-factor.js'
import type { Kept } from '../steps/strip-account.js'
import { refuseTakenAddress } from '../steps/taken-address.js'

export interface ConfirmEmailChangeInput {
  token: string
  password?: string | undefined
  factorCode?: string | undefined
}

/**
 * Moves an account to another address. The mailed token proves the address and says nothing of the account: somebody may have asked for the change to
 * a stranger's address and wait for the stranger to click. So the link also needs a proof of holding the account, by a live session or by the
 * password, and proves its second factor when it has one.
 */
export class ConfirmEmailChange {
  constructor(
    private readonly db: ProjectDb,
    private readonly holder: CheckHolder,
    private readonly prove: ProveFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_or_expired_token`, `reauthentication_required`, `invalid_credentials`, `second_factor_required`, `invalid_code`, `email_taken`. */
  async execute(project: ProjectRecord, input: ConfirmEmailChangeInput, session: AuthenticatedSession | null, caller: Caller): Promise<ProvenAddress> {
    const digest = digestToken(input.token)
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest, purpose: 'email_change', now: this.clock.now() })
    if (!owner) return this.#again(project, digest)
    const userId = owner.endUserId
    const shown = await this.holder.execute(project, { userId, email: owner.email }, { session, password: input.password }, caller)
    if (!showsSomething(shown)) throw new AuthError('reauthentication_required', { message: 'Open the link where you are signed in, or send the password of the account.' })
    const sessionHasFactor = shown.sessionId !== undefined && session !== null && session.amr.includes('mfa')
    if (input.factorCode === undefined && !sessionHasFactor && (await this.hasFactor(project, userId))) throw new AuthError('second_factor_required')
    return this.prove
      .beside(project, { userId, code: input.factorCode, caller }, (tx, factor) => this.#change(tx, { userId, digest }, withFactor(shown, factor), caller))
      .catch(refuseTakenAddress)
  }

  /** The link was followed a moment ago: the same answer again. Nothing is changed, so nothing is asked for. */
  async #again(project: ProjectRecord, digest: Buffer): Promise<ProvenAddress> {
    const again = await this.db.transaction(project.scope, (tx) => changedJustNow(tx, digest, normalise, this.clock.now()))
    if (!again) throw new AuthError('invalid_or_expired_token')
    return again
  }

  /** What our own page must ask for; `null`: the link is no good. */
  async asks(project: ProjectRecord, token: string): Promise<{ factor: boolean } | null> {
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest: digestToken(token), purpose: 'email_change', now: this.clock.now() })
    return owner && { factor: await this.hasFactor(project, owner.endUserId) }
  }

  async hasFactor(project: ProjectRecord, userId: string): Promise<boolean> {
    return project.settings.mfa !== 'off' && (await readActiveFactors(this.db, project.scope, userId)).length > 0
  }

  async #change(tx: ProjectTx, { userId, digest }: { userId: string; digest: Buffer }, shows: Kept, caller: Caller): Promise<ProvenAddress> {
    const now = this.clock.now()
    const user = await lockEndUser(tx, userId)
    const spent = await consumeOneTimeToken(tx, { digest, purpose: 'email_change', now })
    // Two presses at once: the other one came first.
    const again = spent ? null : await changedJustNow(tx, digest, normalise, now)
    if (again) return again
    const wanted = spent?.payload['new_address']
    const address = typeof wanted === 'string' ? parseEmailAddress(wanted) : null
    if (!user || !address || user.email !== spent?.payload['email']) throw new AuthError('invalid_or_expired_token')
    const { passwordRemoved, first } = await proveAddress(tx, user, { method: 'email_change', shows, now, caller, entropy: this.entropy })
    const changed = await setEmail(tx, { userId: user.id, address, now })
    if (!changed) throw new AuthError('email_taken')
    // What waits in the old mailbox must not open the account any more; the undo link there must, if that address was proven.
    await voidOneTimeTokens(tx, { endUserId: user.id, purposes: TOKENS_TO_THE_MAILBOX, now })
    await voidEmailChallenges(tx, user.email, now)
    await setPendingEmail(tx, { userId: user.id, address: null, now })
    await rememberOutcome(tx, digest, { password_removed: passwordRemoved })
    const audit = byUser(user.id, caller)
    await recordAudit(tx, { action: 'user.email_changed', ...audit }, now)
    const payload = { end_user_id: user.id, event: 'email_changed' as const, address: user.emailTyped }
    await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload }, now)
    return { user: changed, first, passwordRemoved }
  }
}

const normalise = (typed: string) => parseEmailAddress(typed)?.normalised ?? null
