import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { deleteEndUser } from '../records/end-user.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { requireAnotherAdmin } from '../steps/require-another-admin.js'
import { requireOwnAccount, requireOwnAccountNow } from '../steps/require-own-account.js'
import type { Reauthenticate } from '../steps/reauthenticate.js'

/** The user deletes their account, at once and for good; the audit trail keeps the id only. */
export class DeleteUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly reauthenticate: Reauthenticate,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession, password: string | undefined, caller: Caller): Promise<void> {
    await requireOwnAccountNow(this.db, project, session.user.id)
    await this.reauthenticate.execute(project, session, password, caller)
    const now = this.clock.now()
    const { id, emailTyped } = session.user
    await this.db.transaction(project.scope, async (tx) => {
      await requireOwnAccount(tx, id)
      await requireAnotherAdmin(tx, id)
      if (!(await deleteEndUser(tx, id, now))) return
      await recordAudit(tx, { action: 'user.deleted', ...byUser(id, caller) }, now)
      const payload = { endUserId: id, event: 'account_deleted' as const, address: emailTyped }
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload }, now)
    })
  }
}
