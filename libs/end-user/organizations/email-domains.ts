import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isUniqueViolation } from '@portico/database/unique-violation'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { readDomainName } from '@portico/kernel/domain-name'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { EventName } from '@portico/kernel/events'
import { isUuid } from '@portico/kernel/ids'
import { OutboundError } from '@portico/outbound/outbound-error'
import {
  deleteEmailDomain,
  findEmailDomain,
  insertEmailDomain,
  isProvenDomain,
  listEmailDomains,
  markEmailDomainVerified,
  type EmailDomain,
} from '../records/email-domain.store.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'

const MAX_DOMAINS = 1_000
const MAX_DOMAINS_OF_OWNER = 50
// At least two labels, the last one no number.
const MAIL_DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/

/** Where the proofs of domains are looked up. */
export interface TxtRecords {
  txt(name: string): Promise<string[]>
}

/**
 * Not the name that proves a host name of ours: who may point one at us need not speak for the mailboxes of the domain. The customers of an
 * app publish it, so it does not name us.
 */
export function emailDomainProofName(domain: string): string {
  return `_sso-domain.${domain}`
}

/** Mail domains of an organization, or (`null`) of the project itself. They are good for nothing before their proof. */
export class EmailDomains {
  constructor(
    private readonly db: ProjectDb,
    private readonly records: TxtRecords,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** `undefined`: all of the project. */
  list(project: ProjectRecord, actor: OrganizationActor, organizationId: string | null | undefined): Promise<EmailDomain[]> {
    return this.db.transaction(project.scope, async (tx) => {
      await permitted(tx, actor, organizationId)
      return listEmailDomains(tx, organizationId)
    })
  }

  /** Throws `conflict` when this owner names it already, or another one has proven it. */
  async add(
    project: ProjectRecord,
    actor: OrganizationActor,
    input: { organizationId: string | null; domain: string },
  ): Promise<EmailDomain> {
    const { organizationId } = input
    const domain = readMailDomain(input.domain)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await permitted(tx, actor, organizationId)
      await lockList(tx, 'email_domain')
      const all = await listEmailDomains(tx)
      if (all.length >= MAX_DOMAINS || all.filter((each) => each.organizationId === organizationId).length >= MAX_DOMAINS_OF_OWNER)
        throw invalidField('domain', 'too_many', `At most ${MAX_DOMAINS_OF_OWNER} domains, and ${MAX_DOMAINS} in a project.`)
      if (await isProvenDomain(tx, domain)) throw domainTaken()
      const verificationToken = `sso-domain-verify=${opaqueToken(this.entropy)}`
      const made = await insertEmailDomain(tx, { id: this.entropy.uuid(), organizationId, domain, verificationToken, createdAt: now })
      if (!made) throw domainTaken()
      await note(tx, actor, 'email_domain.added', made, now)
      return made
    })
  }

  /** Looks for the proof in DNS. The first of a project who proves a domain holds it until they give it up. */
  async verify(project: ProjectRecord, actor: OrganizationActor, id: string): Promise<EmailDomain> {
    const found = await this.db.transaction(project.scope, (tx) => present(tx, actor, id))
    if (found.verifiedAt !== null) return found
    const name = emailDomainProofName(found.domain)
    const records = await this.records.txt(name).catch(unavailable)
    if (!records.some((record) => record.trim() === found.verificationToken)) {
      const message = `There is no TXT record at ${name} with the value of this domain yet. DNS may need some minutes.`
      throw invalidField('domain', 'proof_not_found', message)
    }
    const now = this.clock.now()
    const verified = this.db.transaction(project.scope, async (tx) => {
      const row = await markEmailDomainVerified(tx, id, now)
      if (!row) return present(tx, actor, id)
      await note(tx, actor, 'email_domain.verified', row, now)
      return row
    })
    return verified.catch((error: unknown) => {
      throw isUniqueViolation(error) ? domainTaken(error) : error
    })
  }

  /** One of this organization. Throws `not_found`. */
  async ofOrganization(project: ProjectRecord, actor: OrganizationActor, organizationId: string, id: string): Promise<EmailDomain> {
    const found = (await this.list(project, actor, organizationId)).find((domain) => domain.id === id)
    if (!found) throw new AuthError('not_found')
    return found
  }

  /**
   * A typing error of somebody of the organization. What is proven is for the operators to take away: people come in by it, and by nothing
   * else where that is asked of them. Throws `forbidden`.
   */
  async removeUnproven(project: ProjectRecord, actor: OrganizationActor, organizationId: string, id: string): Promise<void> {
    const { verifiedAt } = await this.ofOrganization(project, actor, organizationId, id)
    if (verifiedAt !== null) throw new AuthError('forbidden')
    await this.remove(project, actor, id)
  }

  /** The connection that answers for it does so no more. */
  async remove(project: ProjectRecord, actor: OrganizationActor, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await present(tx, actor, id)
      const gone = await deleteEmailDomain(tx, id)
      if (!gone) throw new AuthError('not_found')
      await note(tx, actor, 'email_domain.removed', gone, now)
    })
  }
}

/** What is the project's own is for operators alone. */
async function permitted(tx: ProjectTx, actor: OrganizationActor, organizationId: string | null | undefined): Promise<void> {
  if (typeof organizationId === 'string') await permittedOrganization(tx, actor, organizationId, 'sso.manage')
  else if (actor.userId !== null) throw new AuthError('not_found')
}

async function present(tx: ProjectTx, actor: OrganizationActor, id: string): Promise<EmailDomain> {
  const found = isUuid(id) ? await findEmailDomain(tx, id) : null
  if (!found) throw new AuthError('not_found')
  await permitted(tx, actor, found.organizationId)
  return found
}

function unavailable(error: unknown): never {
  if (!(error instanceof OutboundError)) throw error
  throw new AuthError('unavailable', { cause: error, message: 'The DNS did not answer. Try again shortly.' })
}

function readMailDomain(text: string): string {
  const domain = readDomainName(text.trim().replace(/^@/, '').replace(/\.$/, ''))
  const ascii = domain?.exact ? domain.ascii : ''
  if (!MAIL_DOMAIN.test(ascii)) throw invalidField('domain', 'invalid_format', 'This must be a domain such as example.com.')
  return ascii
}

function domainTaken(cause?: unknown): AuthError {
  return new AuthError('conflict', { cause, details: [{ field: 'domain', code: 'taken', message: 'This domain is in use already.' }] })
}

function note(tx: ProjectTx, { by }: OrganizationActor, action: EventName, domain: EmailDomain, now: Date): Promise<void> {
  const metadata = { domain: domain.domain, organizationId: domain.organizationId }
  return recordAudit(tx, { ...by, action, resource: 'email_domain', resourceId: domain.id, metadata }, now)
}
