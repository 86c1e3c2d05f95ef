import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { checkPrecondition } from '@portico/scim/etag'
import { lockDirectoryUser, markDirectoryUserDeleted } from '../records/directory-user.store.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { deleteEndUser } from '../records/end-user.store.js'
import { byDirectory, nobody, type DirectoryCall } from './directory-call.js'
import { noteDone } from './directory-log.js'
import { followDirectoryRoles } from './follow-directory-roles.js'
import { manageAccount } from './manage-account.js'

/**
 * Takes somebody out of a directory, and out of its organization. The account is disabled, and deleted when the project says so: at once,
 * after some days, or never.
 */
export class DeprovisionUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(call: DirectoryCall, id: string, ifMatch: string | null): Promise<void> {
    const { project, directory } = call
    const days = project.settings.directory_delete_after_days
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const account = isUuid(id) ? await lockAnyEndUser(tx, id) : null
      const before = account && (await lockDirectoryUser(tx, directory.id, id))
      if (!account || !before) throw nobody()
      checkPrecondition(ifMatch, before.version)
      await noteDone(tx, call, { id: this.entropy.uuid(), method: 'DELETE', resource: 'User', resourceId: id, status: 204, now })
      if (days === 0) {
        await deleteEndUser(tx, id, now)
        const audit = { resource: 'end_user' as const, resourceId: id, metadata: { directoryId: directory.id } }
        await recordAudit(tx, { ...byDirectory(call), action: 'user.deleted', ...audit }, now)
        return
      }
      const disabledAt = await manageAccount(tx, call, { account, before, after: { resource: before.resource, active: false }, now })
      const purgeAt = days === null ? null : addSeconds(now, days * DAY_SECONDS)
      await markDirectoryUserDeleted(tx, { id, disabledAt, now, purgeAt })
      await followDirectoryRoles(tx, directory, { userIds: [id], now })
    })
  }
}
