import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { readService } from '../records/auth-service.store.js'
import { findDomain, makeMain } from '../records/domain.store.js'
import { describeDomain, type DomainView } from './describe-domains.js'
import { keepEnvironment } from './keep-environment.js'

/** Links in mails lead there from now on, and tokens name it where `token_issuer` says so. Passkeys stay with the host they are for. */
export class MakeMainDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
    private readonly target: string,
  ) {}

  async execute(scope: ProjectScope, caller: Caller, domainId: string): Promise<DomainView> {
    const now = this.clock.now()
    const made = await this.db.transaction(scope, (tx) =>
      keepEnvironment(tx, now, async () => {
        const domain = await findDomain(tx, domainId)
        if (!domain) throw new AuthError('not_found')
        if (!(await makeMain(tx, domainId, now))) throw invalidField('domainId', 'not_verified', 'This domain has not been proved yet.')
        if (domain.mainAt === null || !domain.main) {
          const about = { resource: 'domain' as const, resourceId: formatId('dom', domainId), metadata: { hostname: domain.hostname } }
          await recordAudit(tx, { ...doneBy(caller), action: 'domain.main_changed', ...about }, now)
        }
        return describeDomain(tx, await readService(tx), this.target, domainId)
      }),
    )
    this.directory.invalidate(scope.projectId)
    return made
  }
}
