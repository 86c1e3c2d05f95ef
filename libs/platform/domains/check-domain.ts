import { recordAudit, type AuditEvent } from '@portico/database/audit'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { isUniqueViolation } from '@portico/database/unique-violation'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { readService } from '../records/auth-service.store.js'
import { domainHolder, findDomain, lockDomains, noteDomain, type DomainRow } from '../records/domain.store.js'
import { hostnameTaken } from './add-domain.js'
import { describeDomain, type DomainView } from './describe-domains.js'
import type { DomainDns } from './domain-dns.js'
import { GRACE_SECONDS, nextCheckAt, nextState, type DomainEvent, type Look } from './domain-schedule.js'
import { keepEnvironment } from './keep-environment.js'
import { proofName } from './proof-name.js'

type DoneBy = Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'>

/**
 * Looks a domain up in DNS and does what follows: it begins to serve, its owner is warned, or it stops after a grace. The worker does it by
 * itself, an operator on demand. A host name that another project holds goes to who proves it as soon as the holder's own proof is gone:
 * whoever rules the DNS decides.
 */
export class CheckDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
    private readonly directory: ProjectDirectory,
    private readonly dns: DomainDns,
    private readonly clock: Clock,
    /** The host name that a CNAME must name. */
    private readonly target: string,
  ) {}

  /** `null`: no such domain. Throws `unavailable` when DNS does not answer, `conflict` when two projects prove the same name. */
  async execute(scope: ProjectScope, by: DoneBy, domainId: string): Promise<{ domain: DomainView; proved: boolean } | null> {
    const found = await this.db.transaction(scope, (tx) => findDomain(tx, domainId))
    if (!found) return null
    const [records, pointsHere] = await Promise.all([
      this.dns.txt(proofName(found.hostname)),
      this.dns.pointsTo(found.hostname, this.target),
    ])
    const proves = ({ verificationToken }: DomainRow) => records.some((record) => record.trim() === verificationToken)
    const proved = proves(found)
    if (proved && found.verifiedAt === null) await this.#release(scope, found.hostname, proves)
    const domain = await this.#note(scope, by, domainId, { proved, pointsHere })
    this.directory.invalidate(scope.projectId)
    return domain && { domain, proved }
  }

  /** Takes the name from a project that holds it without a proof. */
  async #release(scope: ProjectScope, hostname: string, proves: (domain: DomainRow) => boolean): Promise<void> {
    const holder = await domainHolder(this.sql, hostname)
    const other = holder && holder.projectId !== scope.projectId ? await this.directory.resolve(holder.projectId) : null
    if (!holder || !other) return
    const now = this.clock.now()
    await this.db.transaction(other.scope, (tx) =>
      keepEnvironment(tx, now, async () => {
        await lockDomains(tx)
        const theirs = await findDomain(tx, holder.id)
        if (!theirs || theirs.verifiedAt === null) return
        if (proves(theirs)) throw hostnameTaken()
        const state = { verifiedAt: null, proofMissingSince: null, pointsHereSince: null }
        await noteDomain(tx, theirs.id, { ...state, nextCheckAt: nextCheckAt(theirs, state, now), changed: true }, now)
        // Whoever took it is no business of the other project.
        await tell(tx, { actor: { type: 'system', id: null } }, theirs, 'domain.lost', { reason: 'proved_by_another' }, now)
      }),
    )
    this.directory.invalidate(holder.projectId)
  }

  async #note(scope: ProjectScope, by: DoneBy, domainId: string, look: Look): Promise<DomainView | null> {
    const now = this.clock.now()
    try {
      return await this.db.transaction(scope, (tx) =>
        keepEnvironment(tx, now, async () => {
          await lockDomains(tx)
          const domain = await findDomain(tx, domainId)
          if (!domain) return null
          const { state, event } = nextState(domain, look, now)
          const changed = event !== null || (state.pointsHereSince === null) !== (domain.pointsHereSince === null)
          await noteDomain(tx, domainId, { ...state, nextCheckAt: nextCheckAt(domain, state, now), changed }, now)
          if (event) await tell(tx, by, domain, event, METADATA[event] ?? {}, now)
          return describeDomain(tx, await readService(tx), this.target, domainId)
        }),
      )
    } catch (error) {
      if (isUniqueViolation(error)) throw hostnameTaken(error)
      throw error
    }
  }
}

const METADATA: Partial<Record<DomainEvent, object>> = {
  'domain.failing': { graceHours: GRACE_SECONDS / 3_600 },
  'domain.lost': { reason: 'proof_gone' },
}

function tell(tx: ProjectTx, by: DoneBy, { id, hostname }: DomainRow, action: DomainEvent, metadata: object, now: Date): Promise<void> {
  return recordAudit(tx, { ...by, action, resource: 'domain', resourceId: formatId('dom', id), metadata: { hostname, ...metadata } }, now)
}
