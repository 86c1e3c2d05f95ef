import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { readDomainName } from '@portico/kernel/domain-name'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { insertDomain, listDomains, type DomainRow } from '../records/domain.store.js'

const HOSTNAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/
const MAX_DOMAINS = 20

/** Announces a host name; it serves nothing before its owner has proved it by DNS. */
export class AddDomain {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    /** Host names of the platform itself. */
    private readonly reserved: readonly string[],
  ) {}

  async execute(scope: ProjectScope, caller: Caller, input: { hostname: string }): Promise<DomainRow> {
    const hostname = readHostname(input.hostname)
    if (this.reserved.some((own) => hostname === own || hostname.endsWith(`.${own}`))) {
      throw invalidField('hostname', 'reserved', 'This host name belongs to the platform.')
    }
    const holder = await this.directory.resolveHost(hostname)
    if (holder && holder.scope.projectId !== scope.projectId) throw hostnameTaken()
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      await lockList(tx, 'domain')
      if ((await listDomains(tx)).length >= MAX_DOMAINS)
        throw invalidField('hostname', 'too_many', `A project may have ${MAX_DOMAINS} domains.`)
      const made = await insertDomain(
        tx,
        { id: this.entropy.uuid(), hostname, verificationToken: `portico-verify=${opaqueToken(this.entropy)}` },
        now,
      )
      if (!made) throw hostnameTaken()
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'domain.added', resource: 'domain', resourceId: `dom_${made.id}`, metadata: { hostname } },
        now,
      )
      return made
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
