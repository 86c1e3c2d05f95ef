import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Administrator } from './administrator.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { requireOwnAccount } from '../steps/require-own-account.js'

/**
 * Mails the user a link to set a password, or to sign in where the project has no passwords. The link never passes through the caller's
 * hands.
 */
export class RequestRecovery {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly emailConfigured: boolean,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string): Promise<'queued' | 'not_configured'> {
    const now = this.clock.now()
    const { providers, site_url: siteUrl } = project.settings
    const passwords = providers.includes('email')
    if (!passwords && siteUrl === null) throw new AuthError('conflict', { message: 'Set site_url first: the link leads there.' })
    await this.db.transaction(project.scope, async (tx) => {
      const user = await lockAnyEndUser(tx, userId)
      if (!user) throw new AuthError('not_found')
      if (user.disabledAt !== null) throw new AuthError('conflict', { message: 'The user is disabled. Enable the account first.' })
      // A link that sets a password would only be refused.
      if (passwords) await requireOwnAccount(tx, userId)
      await addToOutbox(
        tx,
        this.entropy.uuid(),
        { kind: 'account_recovery', payload: { endUserId: userId, ...(passwords ? {} : { signIn: true }) } },
        now,
      )
      await recordAudit(tx, { ...by, action: 'user.recovery_requested', resource: 'end_user', resourceId: userId }, now)
    })
    return this.emailConfigured || project.ownMailSender ? 'queued' : 'not_configured'
  }
}
