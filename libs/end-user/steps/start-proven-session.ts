import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { draftSession, type SsoBeginning } from '../records/session-draft.js'
import type { TokenIssuer } from './token-issuer.js'
import type { SignInMethod } from './sign-in-attempts.js'
import { startSessionWithTokens } from './start-session.js'

/**
 * Where every way in without a password ends: in the same place as a password login, so that whatever stands there stands for all of them.
 */
export class StartProvenSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_or_expired_token` when the account was disabled or deleted since its proof. */
  async execute(
    project: ProjectRecord,
    input: { userId: string; amr: string[]; method?: SignInMethod; sso?: SsoBeginning | null; connection?: string | null },
    caller: Caller,
  ) {
    const draft = draftSession(this.entropy, this.clock.now(), input.amr, caller, input)
    const issued = await startSessionWithTokens(this.db, this.issuer, project, {
      userId: input.userId,
      checkedHash: null,
      newHash: null,
      draft,
      method: input.method,
    })
    if (!issued) throw new AuthError('invalid_or_expired_token')
    return issued
  }
}
