import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import {
  deleteSuppressed,
  listMails,
  listSuppressed,
  type MailFilter,
  type MailRow,
  type SuppressedAddress,
} from '../records/mail.store.js'

/** What became of a project's mails, and the addresses that get none. */
export class ProjectMails {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async list(scope: ProjectScope, filter: MailFilter, page: PageRequest): Promise<Page<MailRow>> {
    const rows = await this.db.transaction(scope, (tx) => listMails(tx, filter, page))
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }

  suppressed(scope: ProjectScope): Promise<SuppressedAddress[]> {
    return this.db.transaction(scope, (tx) => listSuppressed(tx))
  }

  /** Mails to this address go out again. */
  async release(scope: ProjectScope, caller: Caller, address: string): Promise<void> {
    const normalised = parseEmailAddress(address)?.normalised ?? ''
    await this.db.transaction(scope, async (tx) => {
      if (!(await deleteSuppressed(tx, normalised))) throw new AuthError('not_found')
      await recordAudit(tx, { ...doneBy(caller), action: 'mail.address_released', resource: 'mail', resourceId: null }, this.clock.now())
    })
  }
}
