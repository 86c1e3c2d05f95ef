import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import { draftSession } from '../../records/session-draft.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { TokenIssuer } from '../../steps/token-issuer.js'
import { startSessionWithTokens } from '../../steps/start-session.js'
import type { SignInResult } from '../../steps/sign-in-result.js'
import { UNBOUND } from '../../steps/passkey/challenge-binding.js'
import type { CheckPasskey } from '../../steps/passkey/check-passkey.js'

/** A passkey alone for a session: the device and the verified person are two factors. */
export class SignInWithPasskey {
  constructor(
    private readonly db: ProjectDb,
    private readonly passkeys: CheckPasskey,
    private readonly issuer: TokenIssuer,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  execute(project: ProjectRecord, assertion: Record<string, unknown>, caller: Caller): Promise<SignInResult> {
    return this.refusals.watch(project, { method: 'passkey' }, caller, () => this.#signIn(project, assertion, caller))
  }

  async #signIn(project: ProjectRecord, assertion: Record<string, unknown>, caller: Caller): Promise<SignInResult> {
    const proven = await this.passkeys.execute(project, assertion, { purpose: 'sign_in', boundTo: UNBOUND, userId: null }, caller)
    if (!proven.emailVerified && project.settings.require_email_confirmation) throw new AuthError('email_not_confirmed')
    const draft = draftSession(this.entropy, this.clock.now(), proven.amr, caller)
    const result = await startSessionWithTokens(this.db, this.issuer, project, {
      userId: proven.userId,
      checkedHash: null,
      newHash: null,
      draft,
    })
    if (!result) throw new AuthError('passkey_refused')
    return result
  }
}
