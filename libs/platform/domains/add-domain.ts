import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { readDomainName } from '@portico/kernel/domain-name'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { readService } from '../records/auth-service.store.js'
import { insertDomain, listDomains } from '../records/domain.store.js'
import { describeDomain, type DomainView } from './describe-domains.js'

const HOSTNAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/
const MAX_DOMAINS = 20

/**
 * Announces a host name; it serves nothing before its owner has proved it by DNS. One that another project holds may be announced too: that
 * it is held is nobody's business before the proof.
 */
export class AddDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    /** Host names of the platform itself. */
    private readonly reserved: readonly string[],
    private readonly target: string,
  ) {}

  async execute(scope: ProjectScope, caller: Caller, input: { hostname: string }): Promise<DomainView> {
    const hostname = readHostname(input.hostname)
    if (this.reserved.some((own) => hostname === own || hostname.endsWith(`.${own}`))) {
      throw invalidField('hostname', 'reserved', 'This host name belongs to the platform.')
    }
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      await lockList(tx, 'domain')
      if ((await listDomains(tx)).length >= MAX_DOMAINS)
        throw invalidField('hostname', 'too_many', `A project may have ${MAX_DOMAINS} domains.`)
      const id = this.entropy.uuid()
      const verificationToken = `portico-verify=${opaqueToken(this.entropy)}`
      if (!(await insertDomain(tx, { id, hostname, verificationToken }, now))) throw hostnameTaken()
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'domain.added', resource: 'domain', resourceId: formatId('dom', id), metadata: { hostname } },
        now,
      )
      return describeDomain(tx, await readService(tx), this.target, id)
    })
  }
}

export function hostnameTaken(cause?: unknown): AuthError {
  return new AuthError('conflict', { cause, details: [{ field: 'hostname', code: 'taken', message: 'This host name is in use already.' }] })
}

function readHostname(text: string): string {
  const domain = readDomainName(text.trim().replace(/\.$/, ''))
  const hostname = domain?.exact ? domain.ascii : ''
  if (!HOSTNAME.test(hostname)) throw invalidField('hostname', 'invalid_format', 'This must be a host name such as auth.example.com.')
  return hostname
}
