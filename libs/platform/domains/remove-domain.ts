import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { deleteDomain } from '../records/domain.store.js'

export class RemoveDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, caller: Caller, domainId: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      const row = await deleteDomain(tx, domainId)
      if (!row) throw new AuthError('not_found')
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'domain.removed', resource: 'domain', resourceId: formatId('dom', domainId), metadata: { hostname: row.hostname } },
        now,
      )
    })
    this.directory.invalidate(scope.projectId)
  }
}
