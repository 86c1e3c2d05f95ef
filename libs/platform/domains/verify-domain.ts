import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { isUniqueViolation } from '@portico/database/unique-violation'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { hostnameTaken } from './add-domain.js'
import { proofName } from './proof-name.js'
import { findDomain, markDomainVerified, type DomainRow } from '../records/domain.store.js'
import type { TxtResolver } from './txt-resolver.js'

/** Looks for the proof in DNS. The first project that proves a host name holds it until it removes it. */
export class VerifyDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly resolver: TxtResolver,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, caller: Caller, domainId: string): Promise<DomainRow> {
    const found = await this.db.transaction(scope, (tx) => findDomain(tx, domainId))
    if (!found) throw new AuthError('not_found')
    if (found.verifiedAt !== null) return found
    const name = proofName(found.hostname)
    const records = await this.resolver.lookUp(name)
    if (!records.some((record) => record.trim() === found.verificationToken)) {
      throw invalidField(
        'hostname',
        'proof_not_found',
        `There is no TXT record at ${name} with the value of this domain yet. DNS may need some minutes.`,
      )
    }
    const verified = await this.#mark(scope, caller, domainId)
    this.directory.invalidate(scope.projectId)
    return verified
  }

  async #mark(scope: ProjectScope, caller: Caller, domainId: string) {
    const now = this.clock.now()
    try {
      return await this.db.transaction(scope, async (tx) => {
        const row = await markDomainVerified(tx, domainId, now)
        if (!row) {
          const other = await findDomain(tx, domainId)
          if (!other) throw new AuthError('not_found')
          return other
        }
        await recordAudit(
          tx,
          {
            ...doneBy(caller),
            action: 'domain.verified',
            resource: 'domain',
            resourceId: `dom_${domainId}`,
            metadata: { hostname: row.hostname },
          },
          now,
        )
        return row
      })
    } catch (error) {
      if (isUniqueViolation(error)) throw hostnameTaken(error)
      throw error
    }
  }
}
