import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import { wasLinkMailed } from '../records/email-challenge.store.js'
import { wasTokenMailed } from '../records/one-time-token.store.js'

/** Notes that something else than a person opened a mailed link, for operators who wonder why links are opened and not used. */
export class RecordLinkScanner {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
  ) {}

  /** Only for links that were really mailed: made-up ones must not fill the audit log, nor one link that is asked for a thousand times. */
  async execute(project: ProjectRecord, link: { token: string; purpose: string; reason: string }, caller: Caller): Promise<void> {
    if (link.token === '') return
    const digest = digestToken(link.token)
    const times = await this.limits.worthRecording(project, 'link_opened', `${link.reason} ${digest.toString('hex')}`)
    if (times === null) return
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await wasTokenMailed(tx, digest)) && !(await wasLinkMailed(tx, digest))) return
      const event = {
        action: 'link.opened_by_scanner',
        actor: { type: 'anonymous', id: null },
        resource: 'mailed_link',
        resourceId: null,
        ...caller,
      } as const
      await recordAudit(tx, { ...event, metadata: { purpose: link.purpose, reason: link.reason, times } }, this.clock.now())
    })
  }
}
