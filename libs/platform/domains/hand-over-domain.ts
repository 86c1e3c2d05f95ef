import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import { refuseStrandingByDomain } from '../auth-service/refuse-stranding.js'
import type { Caller } from '../caller.js'
import { findDomain, handOverDomain } from '../records/domain.store.js'
import { verifiedDomains } from '../records/stranded-people.store.js'
import { keepEnvironment } from './keep-environment.js'

/** Gives a domain to another project of the tenant, with its proof: nothing in DNS changes, and there is no moment without an owner. */
export class HandOverDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  /** `passkeys_stranded` as for a removal. Throws `not_found` for a project that the caller could not open itself. */
  async execute(project: ProjectRecord, caller: Caller, domainId: string, input: { projectId: string; force: boolean }): Promise<void> {
    const { scope } = project
    if (input.projectId === scope.projectId) throw invalidField('projectId', 'same_project', 'The domain is that project’s already.')
    const reachable = caller.projects === null || caller.projects.has(input.projectId)
    const target = reachable ? await this.directory.resolve(input.projectId) : null
    if (!target || target.archived || target.scope.tenantId !== scope.tenantId) throw new AuthError('not_found')
    const now = this.clock.now()
    const { actor, ip, userAgent } = doneBy(caller)
    await this.db.transaction(scope, (tx) =>
      keepEnvironment(tx, now, async () => {
        const domain = await findDomain(tx, domainId)
        if (!domain) throw new AuthError('not_found')
        const people = await refuseStrandingByDomain(tx, project.settings, await verifiedDomains(tx), domain.hostname, input.force)
        const hostname = await handOverDomain(tx, domainId, input.projectId, { ...actor, ip, userAgent }, now)
        if (hostname === null) throw new AuthError('not_found')
        const metadata = { hostname, toProject: formatId('proj', input.projectId), ...(people > 0 ? { peopleStranded: people } : {}) }
        const about = { resource: 'domain' as const, resourceId: formatId('dom', domainId), metadata }
        await recordAudit(tx, { actor, ip: ip ?? null, userAgent: userAgent ?? null, action: 'domain.handed_over', ...about }, now)
      }),
    )
    this.directory.invalidate(scope.projectId)
    this.directory.invalidate(input.projectId)
  }
}
