import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isUuid } from '@portico/kernel/ids'
import { findAskedMail } from '../records/outbox-row.store.js'

export type MailStatus = 'accepted' | 'queued' | 'sent' | 'delayed' | 'delivered' | 'bounced' | 'complained' | 'suppressed'

/**
 * What became of a mail, for whoever asked for it and so has its id. Whether a reset or a confirmation goes out depends on whether the
 * address
 * has an account, so of those it only says that the request was taken: known and unknown addresses, and made-up ids, are one answer.
 */
export class ReadMailStatus {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, requestId: string): Promise<MailStatus> {
    const mail = isUuid(requestId) ? await findAskedMail(this.db, project.scope, requestId) : null
    if (!mail?.always) return 'accepted'
    const { status, delivery } = mail
    if (delivery !== null) return delivery as MailStatus
    if (status === 'pending' || status === 'enqueued') return 'queued'
    if (status === 'dead') return 'bounced'
    // A disabled account gets none either: that is not told.
    return 'sent'
  }
}
