import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { consumeOneTimeToken } from '../records/one-time-token.store.js'
import { evict } from '../steps/evict.js'

/**
 * «This was not me», behind the notice of a new device: whoever has the mailbox puts everybody out, and every way in goes that an intruder
 * may have set or known. They come back by the mail that follows.
 */
export class ReportDevice {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, token: string, caller: Caller): Promise<void> {
    const now = this.clock.now()
    const { providers, site_url: siteUrl } = project.settings
    const passwords = providers.includes('email')
    await this.db.transaction(project.scope, async (tx) => {
      const spent = await consumeOneTimeToken(tx, { digest: digestToken(token), purpose: 'device_report', now })
      const user = spent && (await lockEndUser(tx, spent.endUserId))
      // The account may have moved to another address since: then the way back of the old one is its owner's.
      if (!user || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
      const removed = await evict(tx, user, now)
      // Without passwords the link leads to the app: there must be one.
      const recovery = passwords || siteUrl !== null
      await recordAudit(tx, { action: 'user.evicted', ...byUser(user.id, caller), metadata: { removed, recovery } }, now)
      if (!recovery) return
      const payload = { endUserId: user.id, ...(passwords ? {} : { signIn: true as const }) }
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'account_recovery', payload }, now)
    })
  }
}
