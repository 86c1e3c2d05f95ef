import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { asOperator } from '../organizations/organization-actor.js'
import type { EmailDomains } from '../organizations/email-domains.js'
import type { EmailDomain } from '../records/email-domain.store.js'
import { lockLiveSetupLink, setSetupConnection, type SetupLink } from '../records/setup-link.store.js'
import type { SsoAttempt } from '../records/sso-attempt.js'
import type { SsoConnection, SsoProtocol } from '../records/sso-connection.js'
import type { ConnectionInput } from '../sso/connection-input.js'
import type { ManageConnections } from '../sso/manage-connections.js'
import type { SsoAttempts } from '../sso/sso-attempts.js'
import { byLink } from './hold-setup-link.js'

/** What its holder may say of a connection. Who gets which role, and whether anybody must come in by it, stays with the operators. */
export type OwnConnection = Pick<ConnectionInput, 'saml' | 'oidc'>

export interface SetupState {
  link: SetupLink
  domains: EmailDomain[]
  /** `null`: no protocol is chosen yet. */
  connection: SsoConnection | null
  /** What became of the last test of it. */
  test: SsoAttempt | null
}

/** What the holder of a set-up link does: the domains of their organization, and the one connection of the link, and nothing else. */
export class SetUpConnection {
  constructor(
    private readonly db: ProjectDb,
    private readonly connections: ManageConnections,
    private readonly domains: EmailDomains,
    private readonly attempts: SsoAttempts,
    private readonly clock: Clock,
  ) {}

  async read(project: ProjectRecord, link: SetupLink, caller: Caller): Promise<SetupState> {
    const [domains, connection] = await Promise.all([
      this.domains.list(project, asOperator(byLink(link, caller)), link.organizationId),
      link.connectionId === null ? null : this.connections.read(project, link.connectionId),
    ])
    const tests = connection === null ? [] : await this.attempts.list(project, connection.id)
    return { link, domains, connection, test: tests.find(({ test }) => test) ?? null }
  }

  async addDomain(project: ProjectRecord, link: SetupLink, domain: string, caller: Caller): Promise<void> {
    await this.#live(project, link)
    const actor = asOperator(byLink(link, caller))
    await this.domains.add(project, actor, { organizationId: link.organizationId, domain })
  }

  /** Throws `validation_error` (`proof_not_found`) while the record is not there. */
  async checkDomain(project: ProjectRecord, link: SetupLink, id: string, caller: Caller): Promise<void> {
    await this.#live(project, link)
    await this.domains.ofOrganization(project, asOperator(byLink(link, caller)), link.organizationId, id)
    await this.domains.verify(project, asOperator(byLink(link, caller)), id)
  }

  async removeDomain(project: ProjectRecord, link: SetupLink, id: string, caller: Caller): Promise<void> {
    await this.#live(project, link)
    await this.domains.removeUnproven(project, asOperator(byLink(link, caller)), link.organizationId, id)
  }

  /** Makes the connection of the link, so that its values can be shown. Pressed twice it is made once. */
  async choose(project: ProjectRecord, link: SetupLink, protocol: SsoProtocol, caller: Caller): Promise<void> {
    const live = await this.#live(project, link)
    if (live.connectionId !== null) return
    const input = { name: link.organizationName, protocol, organizationId: link.organizationId }
    const made = await this.connections.create(project, byLink(link, caller), input)
    const now = this.clock.now()
    const kept = await this.db.transaction(project.scope, async (tx) => {
      const still = await lockLiveSetupLink(tx, link.id, now)
      if (still?.connectionId === null) await setSetupConnection(tx, link.id, made.id)
      return still?.connectionId === null
    })
    if (!kept) await this.connections.remove(project, byLink(link, caller), made.id)
  }

  /** What the identity provider shows. Whoever asks for the connection by its id comes in by it from now on, to try it. */
  async save(project: ProjectRecord, link: SetupLink, input: OwnConnection, caller: Caller): Promise<void> {
    const before = await this.#connection(project, link)
    const state = before.state === 'draft' ? { state: 'testing' as const } : {}
    await this.connections.change(project, byLink(link, caller), before.id, { ...input, ...state })
  }

  /** Answers the ticket that opens a test, once: nobody is signed in by it. */
  async test(project: ProjectRecord, link: SetupLink, caller: Caller): Promise<string> {
    const { id, state } = await this.#connection(project, link)
    // While nobody is sent there yet: a test of people in no domain of the connection would be refused for that alone.
    if (state === 'testing') {
      const domains = await this.#proven(project, link, id, caller)
      await this.connections.change(project, byLink(link, caller), id, { domains })
    }
    return (await this.attempts.test(project, byLink(link, caller), id)).ticket
  }

  /** It answers for the proven domains of the organization that no other connection answers for. */
  async turnOn(project: ProjectRecord, link: SetupLink, caller: Caller): Promise<void> {
    const { id, state } = await this.#connection(project, link)
    if (state === 'draft') throw invalidField('connection', 'required', 'The identity provider is not set up yet.')
    const domains = await this.#proven(project, link, id, caller)
    if (domains.length === 0) throw invalidField('domains', 'required', 'A domain has to be proven first.')
    await this.connections.change(project, byLink(link, caller), id, { state: 'active', domains })
  }

  /** Domains of the organization that are proven and that no other connection answers for. */
  async #proven(project: ProjectRecord, link: SetupLink, connectionId: string, caller: Caller): Promise<string[]> {
    return (await this.domains.list(project, asOperator(byLink(link, caller)), link.organizationId))
      .filter((domain) => domain.verifiedAt !== null && (domain.connectionId === null || domain.connectionId === connectionId))
      .map(({ domain }) => domain)
  }

  /** Throws `invalid_or_expired_token` for a link that was revoked meanwhile. */
  async #live(project: ProjectRecord, { id }: SetupLink): Promise<SetupLink> {
    const live = await this.db.transaction(project.scope, (tx) => lockLiveSetupLink(tx, id, this.clock.now()))
    if (!live) throw new AuthError('invalid_or_expired_token')
    return live
  }

  async #connection(project: ProjectRecord, link: SetupLink): Promise<SsoConnection> {
    const { connectionId } = await this.#live(project, link)
    const connection = connectionId === null ? null : await this.connections.read(project, connectionId)
    // The link names one of its own organization; whatever else it came to name is not for its holder.
    if (connection?.organizationId !== link.organizationId) throw new AuthError('not_found')
    return connection
  }
}
