import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import { refuseStrandingByDomain } from '../auth-service/refuse-stranding.js'
import type { Caller } from '../caller.js'
import { deleteDomain, findDomain } from '../records/domain.store.js'
import { verifiedDomains } from '../records/stranded-people.store.js'
import { keepEnvironment } from './keep-environment.js'

export class RemoveDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  /** Answers how many people lost their only way in; `passkeys_stranded` unless `force` says that this is known. */
  async execute(project: ProjectRecord, caller: Caller, domainId: string, force = false): Promise<number> {
    const { scope } = project
    const now = this.clock.now()
    const stranded = await this.db.transaction(scope, (tx) => keepEnvironment(tx, now, async () => {
      const domains = await verifiedDomains(tx)
      const row = await findDomain(tx, domainId)
      if (!row) throw new AuthError('not_found')
      await deleteDomain(tx, domainId, now)
      const people = await refuseStrandingByDomain(tx, project.settings, domains, row.hostname, force)
      await recordAudit(
        tx,
        {
          ...doneBy(caller),
          action: 'domain.removed',
          resource: 'domain',
          resourceId: formatId('dom', domainId),
          metadata: { hostname: row.hostname, ...(people > 0 ? { peopleStranded: people } : {}) },
        },
        now,
      )
      return people
    }))
    this.directory.invalidate(scope.projectId)
    return stranded
  }
}
