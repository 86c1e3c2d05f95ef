import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { evict } from '../steps/evict.js'
import type { Stripped } from '../steps/strip-account.js'
import type { Administrator } from './administrator.js'

export interface Evicted {
  removed: Stripped
  /** Whether a recovery mail is under way; `null`: none was to be sent. */
  recovery: 'queued' | 'not_configured' | null
}

/**
 * An intruder is in the account: every session and way in ends in one transaction, and the owner is mailed a recovery link unless the
 * operator defers that.
 */
export class EvictEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly emailConfigured: boolean,
  ) {}

  /** Also for a disabled user, who then gets no mail. */
  async execute(project: ProjectRecord, by: Administrator, userId: string, input: { recovery: boolean }): Promise<Evicted> {
    const now = this.clock.now()
    const { providers, site_url: siteUrl } = project.settings
    const passwords = providers.includes('email')
    return this.db.transaction(project.scope, async (tx) => {
      const user = await lockAnyEndUser(tx, userId)
      if (!user) throw new AuthError('not_found')
      const removed = await evict(tx, user, now)
      // Without passwords the link leads to the app: there must be one.
      const recovery = input.recovery && user.disabledAt === null && (passwords || siteUrl !== null)
      await recordAudit(
        tx,
        {
          ...by,
          action: 'user.evicted',
          resource: 'end_user',
          resourceId: userId,
          metadata: { removed, recovery },
        },
        now,
      )
      if (recovery)
        await addToOutbox(
          tx,
          this.entropy.uuid(),
          { kind: 'account_recovery', payload: { endUserId: userId, ...(passwords ? {} : { signIn: true as const }) } },
          now,
        )
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: { endUserId: userId, event: 'evicted' } }, now)
      return { removed, recovery: recovery ? (this.emailConfigured || project.ownMailSender ? 'queued' : 'not_configured') : null }
    })
  }
}
