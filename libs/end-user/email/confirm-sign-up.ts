import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import { findCredential, markEmailVerified, type Credential } from '../records/end-user.store.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUserByEmail } from '../records/end-user-by-address.store.js'
import { findOneTimeTokenOwner } from '../records/one-time-token-owner.store.js'
import { voidOneTimeTokens } from '../records/one-time-token.store.js'
import { digestCode } from '../steps/code-digest.js'
import { readMailedCode } from '../steps/mailed-code.js'
import { guessCode } from '../records/email-challenge.store.js'
import { readEmail } from '../read-email.js'
import type { ConfirmEmail } from './confirm-email.js'

export interface ConfirmSignUpInput {
  token?: string | undefined
  password?: string | undefined
  email?: string | undefined
  code?: string | undefined
}

/**
 * Confirms an address by the mailed link or by the mailed code. Somebody who signs a stranger's address up waits for the stranger, or for the
 * scanner in front of the stranger's mailbox, to follow the link. So where a browser alone asks, a new password account wants more than that:
 * its password, or the code typed where the sign-up began. An app that calls for its user decides by `confirm_in_same_browser`.
 */
export class ConfirmSignUp {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly confirmEmail: ConfirmEmail,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly codeKey: Buffer,
  ) {}

  /** Throws `same_browser_required`, `invalid_credentials`, `invalid_or_expired_token`. */
  async execute(project: ProjectRecord, input: ConfirmSignUpInput, caller: Caller, options: { strict: boolean }): Promise<EndUser> {
    if (input.code !== undefined && input.email !== undefined && input.token === undefined) return this.#byCode(project, input.email, input.code, caller)
    if (input.token === undefined || input.code !== undefined) throw invalidField('token', 'required', 'Send token, or email and code.')
    const account = await this.#newPasswordAccount(project, input.token)
    if (account?.passwordHash && input.password !== undefined) await this.#checkPassword(project, account.email, account.passwordHash, input.password, caller)
    else if (account && options.strict) throw new AuthError('same_browser_required')
    return this.confirmEmail.execute(project, input.token, caller)
  }

  /** Whether this link alone is not enough on a page of ours. */
  async wantsPassword(project: ProjectRecord, token: string): Promise<boolean> {
    return (await this.#newPasswordAccount(project, token)) !== null
  }

  async #newPasswordAccount(project: ProjectRecord, token: string): Promise<Credential | null> {
    const owner = await findOneTimeTokenOwner(this.db, project.scope, { digest: digestToken(token), purpose: 'email_confirm', now: this.clock.now() })
    const credential = owner && (await findCredential(this.db, project, owner.email))
    return credential && !credential.emailVerified && credential.passwordHash !== null ? credential : null
  }

  async #checkPassword(project: ProjectRecord, address: string, hash: string, password: string, caller: Caller): Promise<void> {
    const attempt = await this.limits.admitPassword(project, address, caller)
    const check = await this.hasher.verify(hash, password, { projectId: project.scope.projectId, signal: caller.signal })
    if (!check.ok) {
      await attempt.failed()
      throw new AuthError('invalid_credentials')
    }
    await attempt.succeeded()
  }

  async #byCode(project: ProjectRecord, email: string, code: string, caller: Caller): Promise<EndUser> {
    const { normalised } = readEmail(email)
    const typed = readMailedCode(code)
    await this.limits.admitCode(project, normalised)
    const now = this.clock.now()
    const codeDigest = digestCode(this.codeKey, project.scope.projectId, normalised, typed)
    // A wrong guess must stay counted, so it commits.
    const confirmed = await this.db.transaction(project.scope, async (tx) => {
      if (!(await guessCode(tx, { address: normalised, purpose: 'email_confirm', codeDigest, now }))) return null
      const user = await lockEndUserByEmail(tx, normalised)
      if (!user) return null
      await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['email_confirm'], now })
      const audit = { actor: { type: 'end_user', id: user.id }, resource: 'end_user', resourceId: user.id, ...caller } as const
      await recordAudit(tx, { action: 'user.email_confirmed', ...audit, metadata: { method: 'code' } }, now)
      return markEmailVerified(tx, user.id, now)
    })
    if (!confirmed) throw new AuthError('invalid_or_expired_token')
    return confirmed
  }
}
