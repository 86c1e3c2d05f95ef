import { ssoSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EventName } from '@portico/kernel/events'
import { isUuid } from '@portico/kernel/ids'
import type { Administrator } from '../administration/administrator.js'
import { listEmailDomains, setDomainsOfConnection } from '../records/email-domain.store.js'
import { listRolesWithin } from '../records/organization-role.store.js'
import { lockOrganization } from '../records/organization.store.js'
import { ssoProvider, type SsoConnection, type SsoProtocol } from '../records/sso-connection.js'
import {
  countSsoConnections,
  deleteIdentitiesOf,
  deleteSsoConnection,
  findSsoConnectionWithin,
  hasComeInBy,
  insertSsoConnection,
  listSsoConnections,
  lockSsoConnection,
  saveSsoConnection,
} from '../records/sso-connection.store.js'
import { insertSsoKey, listSsoKeys, listSsoKeysWithin, type SsoKey } from '../records/sso-key.store.js'
import { effectiveRoles } from '../steps/effective-roles.js'
import { changedSettings, emptySettings, type ConnectionInput } from './connection-input.js'
import type { IdpMetadata } from './idp-metadata.js'
import { makeServiceKey } from './make-service-key.js'

const MAX_CONNECTIONS = 1_000

export type NewConnection = ConnectionInput & { name: string; protocol: SsoProtocol; organizationId?: string | null | undefined }

/** Connections of a project and of its organizations: made, changed, removed by operators. */
export class ManageConnections {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly metadata: IdpMetadata,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  list(project: ProjectRecord, organizationId: string | undefined): Promise<SsoConnection[]> {
    if (organizationId !== undefined && !isUuid(organizationId)) throw new AuthError('not_found')
    return this.db.transaction(project.scope, (tx) => listSsoConnections(tx, organizationId))
  }

  read(project: ProjectRecord, id: string): Promise<SsoConnection> {
    return this.db.transaction(project.scope, async (tx) => present(await findSsoConnectionWithin(tx, id)))
  }

  async create(project: ProjectRecord, by: Administrator, input: NewConnection): Promise<SsoConnection> {
    const given = await this.#withMetadata(project, input)
    const id = this.entropy.uuid()
    const now = this.clock.now()
    const key = await this.#neededKey(project, id, given)
    return this.db.transaction(project.scope, async (tx) => {
      const organizationId = input.organizationId ?? null
      await lockList(tx, 'sso_connection')
      if ((await countSsoConnections(tx)) >= MAX_CONNECTIONS) throw invalidField('name', 'too_many', `At most ${MAX_CONNECTIONS} connections.`)
      const draft: SsoConnection = {
        id, organizationId, name: input.name, state: 'draft', settings: emptySettings(input.protocol), secretSealed: null,
        enforce: false, localLogin: true, domains: [], createdAt: now, updatedAt: now,
      }
      const connection = await this.#changed(tx, project, draft, given)
      await insertSsoConnection(tx, connection)
      if (key) await insertSsoKey(tx, key)
      return this.#finish(tx, by, connection, given, 'sso.connection_created', now)
    })
  }

  async change(project: ProjectRecord, by: Administrator, id: string, input: ConnectionInput): Promise<SsoConnection> {
    const given = await this.#withMetadata(project, input)
    const now = this.clock.now()
    const key = isUuid(id) ? await this.#neededKey(project, id, given) : null
    return this.db.transaction(project.scope, async (tx) => {
      const before = present(await lockSsoConnection(tx, id))
      const after = { ...(await this.#changed(tx, project, before, given)), updatedAt: now }
      await saveSsoConnection(tx, after)
      if (key && (await listSsoKeysWithin(tx, id)).length === 0) await insertSsoKey(tx, key)
      return this.#finish(tx, by, after, given, 'sso.connection_changed', now)
    })
  }

  /** The accounts of its people stay; what they came in by goes. */
  async remove(project: ProjectRecord, by: Administrator, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const connection = present(await lockSsoConnection(tx, id))
      const people = await deleteIdentitiesOf(tx, ssoProvider(id))
      await deleteSsoConnection(tx, id)
      const metadata = { ...about(connection), people: new Set(people).size }
      await recordAudit(tx, { ...by, action: 'sso.connection_removed', resource: 'sso_connection', resourceId: id, metadata }, now)
    })
  }

  /** The first key of ours, where something is to be signed from now on; made before the transaction, since it takes a while. */
  async #neededKey(project: ProjectRecord, connectionId: string, { saml }: ConnectionInput): Promise<SsoKey | null> {
    if (saml?.signRequests !== true && !saml?.sloUrl) return null
    if ((await listSsoKeys(this.db, project.scope, connectionId)).length > 0) return null
    const made = await makeServiceKey({ box: this.box, entropy: this.entropy }, project, { connectionId, now: this.clock.now() })
    return { ...made, signs: true }
  }

  async #withMetadata(project: ProjectRecord, input: ConnectionInput): Promise<ConnectionInput> {
    if (input.saml === undefined) return input
    return { ...input, saml: await this.metadata.fill(project, input.saml) }
  }

  async #changed(tx: ProjectTx, project: ProjectRecord, before: SsoConnection, input: ConnectionInput): Promise<SsoConnection> {
    const { organizationId } = before
    if (organizationId !== null && !(isUuid(organizationId) && (await lockOrganization(tx, organizationId))))
      throw invalidField('organizationId', 'unknown', 'There is no such organization.')
    // Roles are of organizations; people of the whole project have none.
    const roles = organizationId === null ? [] : effectiveRoles(await listRolesWithin(tx, organizationId))
    const secret = input.oidc?.clientSecret
    const { id, settings } = before
    const moved = input.oidc?.issuer !== undefined && input.oidc.issuer !== settings.oidc?.issuer
    // A stored secret goes only where it went before.
    const kept = moved ? null : before.secretSealed
    return {
      ...before,
      name: input.name ?? before.name,
      state: input.state ?? before.state,
      settings: changedSettings(settings, input, roles, this.metadata.allowLoopback),
      secretSealed: secret === undefined ? kept : this.box.seal(secret, ssoSecretContext(project.scope.projectId, id)),
      enforce: input.enforce ?? before.enforce,
      localLogin: input.localLogin ?? before.localLogin,
    }
  }

  async #finish(
    tx: ProjectTx,
    by: Administrator,
    connection: SsoConnection,
    input: ConnectionInput,
    action: EventName,
    now: Date,
  ): Promise<SsoConnection> {
    checkComplete(connection)
    if (input.domains !== undefined) await setDomains(tx, connection, input.domains)
    const saved = present(await findSsoConnectionWithin(tx, connection.id))
    await checkEnforcement(tx, saved)
    const fields = Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [name]))
    const metadata = { ...about(saved), fields }
    await recordAudit(tx, { ...by, action, resource: 'sso_connection', resourceId: saved.id, metadata }, now)
    return saved
  }
}

function present(connection: SsoConnection | null): SsoConnection {
  if (!connection) throw new AuthError('not_found')
  return connection
}

const about = ({ organizationId, settings, state, enforce, localLogin }: SsoConnection) =>
  ({ protocol: settings.protocol, organizationId, state, enforce, localLogin })

function checkComplete({ state, settings: { protocol, oidc, saml }, secretSealed }: SsoConnection): void {
  if (state === 'draft') return
  if (protocol === 'oidc' && (oidc === null || secretSealed === null))
    throw invalidField(oidc === null ? 'oidc' : 'oidc.clientSecret', 'required', 'A connection that is in use needs it.')
  if (protocol === 'saml' && saml === null) throw invalidField('saml', 'required', 'A connection that is in use needs it.')
}

/** Proven domains of the same owner only, and none that another connection answers for. */
async function setDomains(tx: ProjectTx, { id, organizationId }: SsoConnection, wanted: readonly string[]): Promise<void> {
  await lockList(tx, 'email_domain')
  const own = await listEmailDomains(tx, organizationId)
  const chosen = wanted.map((name, index) => {
    const field = `domains.${index}`
    const domain = own.find((each) => each.domain === name.trim().toLowerCase())
    if (!domain) throw invalidField(field, 'unknown', 'The owner of the connection has no such domain. Add it first.')
    if (domain.verifiedAt === null) throw invalidField(field, 'not_verified', 'This domain is not proven yet.')
    if (domain.connectionId !== null && domain.connectionId !== id)
      throw new AuthError('conflict', { details: [{ field, code: 'taken', message: 'Another connection answers for this domain.' }] })
    return domain.id
  })
  await setDomainsOfConnection(tx, id, chosen)
}

/** Nobody else may come in only where somebody does come in by it. */
async function checkEnforcement(tx: ProjectTx, { id, enforce, localLogin, state, domains }: SsoConnection): Promise<void> {
  if (!localLogin && !enforce) throw invalidField('localLogin', 'not_allowed', 'Local sign-in is turned off only where the connection is enforced.')
  if (!enforce) return
  if (state !== 'active') throw invalidField('enforce', 'not_active', 'Only an active connection is enforced.')
  if (domains.length === 0) throw invalidField('enforce', 'no_domains', 'It answers for no domain, so there is nobody to ask it of.')
  if (!(await hasComeInBy(tx, ssoProvider(id)))) throw new AuthError('sso_lockout')
}
