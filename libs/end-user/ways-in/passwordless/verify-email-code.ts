import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import { readEmail } from '../../read-email.js'
import type { AdmitCode } from '../../steps/admit-code.js'
import { possibleDigests } from '../../steps/code-digest.js'
import { readMailedCode } from '../../steps/mailed-code.js'
import { findCredential } from '../../records/end-user-search.store.js'
import { guessCode } from '../../records/email-challenge.store.js'
import type { AskHooks } from '../../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../../steps/hooks/sign-up-approval.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import { signInAddress } from '../../steps/sign-in-address.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'

const EMAIL_CODE_AMR = ['otp'] // RFC 8176, 2

/** A mailed six-digit code for a session. */
export class VerifyEmailCode {
  constructor(
    private readonly db: ProjectDb,
    private readonly start: StartProvenSession,
    private readonly hooks: AskHooks,
    private readonly admission: AdmitCode,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    /** The one that codes are mailed under first. */
    private readonly codeKeys: readonly Buffer[],
  ) {}

  async execute(project: ProjectRecord, input: { email: string; code: string }, caller: Caller) {
    if (!project.settings.providers.includes('email_otp')) throw new AuthError('provider_not_enabled')
    const { normalised } = readEmail(input.email)
    const code = readMailedCode(input.code)
    const isKnown = await this.admission.execute(project, normalised, caller)
    const codeDigests = possibleDigests(this.codeKeys, project.scope.projectId, normalised, code)
    const now = this.clock.now()
    // A wrong guess must stay counted, so it commits: `null` is thrown on outside.
    const admit = (approval: SignUpApproval | null) => this.db.transaction(project.scope, async (tx) => {
      const challenge = await guessCode(tx, { address: normalised, purpose: 'sign_in', codeDigests, isKnown, now })
      if (!challenge) return null
      const address = { normalised, typed: challenge.addressTyped }
      return signInAddress(tx, project, {
        address,
        createUser: challenge.createUser,
        method: 'email_otp',
        approval,
        now,
        caller,
        entropy: this.entropy,
      })
    })
    const user = await this.hooks.approved(project, caller, admit)
    if (!user) {
      const account = await findCredential(this.db, project, normalised)
      await this.refusals.record(
        project,
        { method: 'email_otp', reason: 'wrong_code', userId: account?.userId ?? null, subject: normalised, address: normalised },
        caller,
      )
      throw new AuthError('invalid_or_expired_token')
    }
    return this.refusals.watch(project, { method: 'email_otp', userId: user.id, address: normalised }, caller, () =>
      this.start.execute(project, { userId: user.id, amr: EMAIL_CODE_AMR }, caller),
    )
  }
}
