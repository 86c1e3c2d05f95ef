import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { readEmail } from '../read-email.js'
import { guessCode } from '../records/email-challenge.store.js'
import { wasJustConfirmedByCode } from '../records/email-challenge.store.js'
import { type Credential, findCredential, lockAnyEndUser, lockEndUser, lockEndUserByEmail } from '../records/end-user-search.store.js'
import { findOneTimeTokenOwner, voidOneTimeTokens } from '../records/one-time-token.store.js'
import type { AdmitCode } from '../steps/admit-code.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { showsSomething, type CheckHolder } from '../steps/check-holder.js'
import { possibleDigests } from '../steps/code-digest.js'
import { confirmAddress } from '../steps/confirm-address.js'
import { confirmedJustNow } from '../steps/confirmed-just-now.js'
import { readMailedCode } from '../steps/mailed-code.js'
import { ASKS_NOTHING, providersOf, type AskedProof } from '../steps/asked-proof.js'
import { proveAddress, withFactor, type ProvenAddress } from '../steps/prove-address.js'
import type { ProveFactor } from '../steps/prove-factor.js'
import type { ConfirmEmailChange } from './confirm-email-change.js'

export interface ConfirmEmailInput {
  token?: string | undefined
  email?: string | undefined
  code?: string | undefined
  /** To show that the account is the caller's too. */
  password?: string | undefined
  factorCode?: string | undefined
  codeVerifier?: string | undefined
}

export interface ConfirmOptions {
  session: AuthenticatedSession | null
  /** A new password account is not confirmed by the link alone. */
  strict: boolean
}

/**
 * Confirms an address by the mailed link or by the mailed code. Somebody who signs a stranger's address up waits for the stranger, or for
 * the scanner in front of the stranger's mailbox, to follow the link. So the mail proves the address and nothing else: what was put on the
 * account before stays only as far as the same call shows it to be the caller's, by a live session, the password, or the verifier of the
 * browser that signed up. On our own page, and with `confirm_in_same_browser`, a new password account is not confirmed at all without one
 * of them.
 */
export class ConfirmSignUp {
  constructor(
    private readonly db: ProjectDb,
    private readonly holder: CheckHolder,
    private readonly prove: ProveFactor,
    private readonly change: ConfirmEmailChange,
    private readonly admission: AdmitCode,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    /** The one that codes are mailed under first. */
    private readonly codeKeys: readonly Buffer[],
  ) {}

  /**
   * Throws `same_browser_required`, `invalid_credentials`, `invalid_code`, `invalid_or_expired_token`, and what `ConfirmEmailChange`
   * throws.
   */
  async execute(project: ProjectRecord, input: ConfirmEmailInput, caller: Caller, options: ConfirmOptions): Promise<ProvenAddress> {
    const { token, email, code } = input
    if (code !== undefined && email !== undefined && token === undefined)
      return this.#byCode(project, { ...input, email, code }, caller, options)
    if (token === undefined || code !== undefined) throw invalidField('token', 'required', 'Send token, or email and code.')
    const digest = digestToken(token)
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest, purpose: 'email_confirm', now: this.clock.now() })
    if (!owner) return (await this.#again(project, digest)) ?? this.change.execute(project, { ...input, token }, options.session, caller)
    const shown = await this.holder.execute(
      project,
      { userId: owner.endUserId, email: owner.email },
      { session: options.session, ...input },
      caller,
    )
    if (options.strict && !showsSomething(shown) && (await this.#newPasswordAccount(project, owner.email)))
      throw new AuthError('same_browser_required')
    const claim = { userId: owner.endUserId, code: input.factorCode, sessionId: shown.sessionId, caller }
    return this.prove.beside(project, claim, async (tx, factor) => {
      const user = await lockEndUser(tx, owner.endUserId)
      if (!user) throw new AuthError('invalid_or_expired_token')
      return confirmAddress(tx, user, { digest, shows: withFactor(shown, factor), now: this.clock.now(), caller, entropy: this.entropy })
    })
  }

  /** The link was followed a moment ago: the same answer again. It grants nothing, and nothing is asked for. */
  #again(project: ProjectRecord, digest: Buffer): Promise<ProvenAddress | null> {
    return this.db.transaction(project.scope, (tx) => confirmedJustNow(tx, digest, this.clock.now()))
  }

  /** What our own page asks for, or offers, beside the button. */
  async asks(project: ProjectRecord, token: string): Promise<AskedProof> {
    const owner = await findOneTimeTokenOwner(this.db, project.scope, {
      digest: digestToken(token),
      purpose: 'email_confirm',
      now: this.clock.now(),
    })
    const account = owner && (await findCredential(this.db, project, owner.email))
    // Of an account that was proven before, nothing is taken off.
    if (!account || account.emailVerified) return { ...ASKS_NOTHING, address: owner?.email ?? null }
    const password = account.passwordHash !== null
    return {
      address: owner.email,
      password,
      factor: password && (await this.change.hasFactor(project, account.userId)),
      providers: await providersOf(this.db, project, account.userId),
    }
  }

  async #newPasswordAccount(project: ProjectRecord, address: string): Promise<Credential | null> {
    const credential = await findCredential(this.db, project, address)
    return credential && !credential.emailVerified && credential.passwordHash !== null ? credential : null
  }

  async #byCode(
    project: ProjectRecord,
    input: ConfirmEmailInput & { email: string; code: string },
    caller: Caller,
    { session }: ConfirmOptions,
  ): Promise<ProvenAddress> {
    const { normalised } = readEmail(input.email)
    const typed = readMailedCode(input.code)
    const isKnown = await this.admission.execute(project, normalised, caller, session)
    const credential = await findCredential(this.db, project, normalised)
    const account = { userId: credential?.userId ?? idOfNobody(normalised), email: normalised }
    const shown = await this.holder.execute(project, account, { session, ...input }, caller)
    const codeDigests = possibleDigests(this.codeKeys, project.scope.projectId, normalised, typed)
    const claim = { userId: account.userId, code: input.factorCode, sessionId: shown.sessionId, caller }
    // A wrong guess must stay counted, so it commits.
    const confirmed = await this.prove.beside(project, claim, async (tx, factor) => {
      const now = this.clock.now()
      if (!(await guessCode(tx, { address: normalised, purpose: 'email_confirm', codeDigests, isKnown, now }))) {
        if (!(await wasJustConfirmedByCode(tx, { address: normalised, codeDigests, now }))) return null
        const again = await lockAnyEndUser(tx, account.userId)
        // A confirmation without the password removed it.
        return again && again.emailVerifiedAt !== null && again.disabledAt === null
          ? { user: again, first: false, passwordRemoved: !again.hasPassword }
          : null
      }
      const user = await lockEndUserByEmail(tx, normalised)
      if (!user || user.id !== account.userId || user.disabledAt !== null) return null
      await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['email_confirm'], now })
      return proveAddress(tx, user, { method: 'code', shows: withFactor(shown, factor), now, caller, entropy: this.entropy })
    })
    if (!confirmed) throw new AuthError('invalid_or_expired_token')
    return confirmed
  }
}

/**
 * No account has it: an unknown address costs the same hash and is refused like a wrong password. It is another one for each address, since
 * guesses at second factors are counted by it: a bucket of all unknown addresses together is full sooner, and tells which they are.
 */
function idOfNobody(address: string): string {
  const hex = digestToken(`nobody at ${address}`).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
