import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Locale } from '@portico/kernel/locales'
import { checkSignUpAllowed } from '../../abuse/sign-up-rules.js'
import { checkMetadata } from '../../steps/read-metadata.js'
import type { Caller } from '../../caller.js'
import type { EndUserLimits } from '../../end-user-limits.js'
import type { EndUser } from '../../records/end-user.js'
import { mergeAppMetadata } from '../../records/hook.store.js'
import { MAX_APP_METADATA_BYTES } from '../../steps/hooks/hook-answer.js'
import type { KnownDevices } from '../../steps/known-devices.js'
import type { SignUpApproval } from '../../steps/hooks/sign-up-approval.js'
import { signUpEndUser } from '../../records/end-user.store.js'
import { requireEmailProvider } from '../../project/require-provider.js'
import { readEmail } from '../../read-email.js'
import { draftSession } from '../../records/session-draft.js'
import { firstTokens, type TokenIssuer } from '../../steps/token-issuer.js'
import { startSessionWithTokens } from '../../steps/start-session.js'
import type { SignInResult } from '../../steps/sign-in-result.js'
import { checkCodeChallenge } from '../../steps/proof-key.js'
import type { CheckNewPassword } from '../../steps/check-new-password.js'

export interface SignUpInput {
  email: string
  password: string
  metadata?: Record<string, unknown> | undefined
  /** RFC 7636: its verifier, shown when the address is confirmed, shows that the password is the confirmer's. */
  codeChallenge?: string | undefined
  codeChallengeMethod?: string | undefined
  /** What this device is known by for other accounts: see `abuse/device-token`. */
  deviceToken?: string | undefined
  askedIn?: Locale | undefined
}

/**
 * Creates an account. Answers its first session (or what must come before it), or `null` when the address must be confirmed before anything
 * else is said: then a new and a known address get the same answer after the same work (one hash, one round trip).
 */
export class SignUp {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly issuer: TokenIssuer,
    private readonly limits: EndUserLimits,
    private readonly devices: KnownDevices,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, input: SignUpInput, caller: Caller): Promise<SignInResult | null> {
    const { settings } = project
    requireEmailProvider(project)
    const address = readEmail(input.email)
    checkSignUpAllowed(project, address.normalised)
    const metadata = checkMetadata(input.metadata ?? {})
    await this.checkNewPassword.execute(project, input.password, address.normalised)
    if (input.codeChallenge !== undefined) checkCodeChallenge(input.codeChallenge, input.codeChallengeMethod)
    const { hooks } = this.issuer
    const subject = { email: address.normalised, method: 'password', metadata }
    const approval = await hooks.beforeSignUp(project, subject, caller)
    const quiet = settings.signup_mode === 'private' || settings.require_email_confirmation
    if (!quiet && settings.mfa !== 'required') await hooks.beforeSignIn(project, { email: address.normalised }, ['pwd'], caller)
    const [passwordHash, mayTell] = await Promise.all([
      this.hasher.hash(input.password, { projectId: project.scope.projectId, signal: caller.signal }),
      quiet && this.limits.mayMail(project, 'sign_up_attempt', address.normalised),
    ])
    const now = this.clock.now()
    const session = quiet ? null : draftSession(this.entropy, now, ['pwd'], caller)
    const id = this.entropy.uuid()
    const made = await signUpEndUser(
      this.db,
      project,
      { id, address, passwordHash, metadata, codeChallenge: input.codeChallenge ?? null, askedIn: input.askedIn, now, caller },
      {
        session: settings.mfa === 'required' ? null : session,
        confirmMailId: this.entropy.uuid(),
        takenMailId: mayTell ? this.entropy.uuid() : null,
      },
    )
    // A new account has this id and no other one; of a taken address nothing is found and nothing changes.
    const user = await this.#withApproval(project, approval, id, made)
    if (!session) return null
    if (!user) throw new AuthError('email_taken')
    // A second trip, in these projects only: the gate decides, not we.
    const result = settings.mfa === 'required'
      ? await startSessionWithTokens(this.db, this.issuer, project, {
          userId: user.id, checkedHash: passwordHash, newHash: null, draft: session, method: 'sign_up',
        })
      : await this.issuer.issue(project, firstTokens(project, session, user))
    const { projectId } = project.scope
    if (settings.mfa !== 'required')
      this.issuer.attempts.note({ projectId, method: 'sign_up', outcome: 'succeeded', userId: user.id, caller })
    const shown = { address: address.normalised, passwordHash, held: input.deviceToken }
    return result && { ...result, deviceToken: this.devices.next(project, shown) }
  }

  async #withApproval(project: ProjectRecord, approval: SignUpApproval | null, id: string, made: EndUser | null): Promise<EndUser | null> {
    const said = approval?.appMetadata
    if (!said) return made
    const appMetadata = await this.db.transaction(project.scope, (tx) => mergeAppMetadata(tx, id, said, MAX_APP_METADATA_BYTES))
    return made && appMetadata ? { ...made, appMetadata } : made
  }
}
