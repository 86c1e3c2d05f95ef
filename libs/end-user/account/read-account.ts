import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { waitingEmail, type EndUser, type WaitingEmail } from '../records/end-user.js'
import type { Authenticate } from '../steps/authenticate.js'
import { findCurrentAccount, type UserDetails } from '../records/account.view.js'

export interface Account extends UserDetails {
  user: EndUser
  pendingEmail: WaitingEmail | null
}

/**
 * The signed-in user with everything that belongs to them. Session and user are read in the same trip, so nothing is known of them before.
 */
export class ReadAccount {
  constructor(
    private readonly db: ProjectDb,
    private readonly authenticate: Authenticate,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid_token` for a bad token, `session_ended` for a good one whose session or user is over. */
  async execute(project: ProjectRecord, token: string): Promise<Account> {
    const { userId, sessionId } = await this.authenticate.check(project, token)
    const now = this.clock.now()
    const account = await findCurrentAccount(this.db, project, sessionId, now)
    if (account?.user.id !== userId) throw new AuthError('session_ended')
    return {
      user: account.user,
      identities: account.identities,
      factors: account.factors,
      pendingEmail: waitingEmail(account.pending, now),
    }
  }
}
