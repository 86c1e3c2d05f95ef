import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EventName } from '@portico/kernel/events'
import type { Administrator } from '../administration/administrator.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { findSsoConnectionWithin, lockSsoConnection } from '../records/sso-connection.store.js'
import { deleteSsoKey, insertSsoKey, listSsoKeysWithin, setSigningKey, type SsoKey } from '../records/sso-key.store.js'
import { makeServiceKey } from './make-service-key.js'

/** One that is used, and one that takes its place. */
const MAX_KEYS = 2

/**
 * Our own keys for the identity provider of a SAML connection. To change one without an outage: make a second, let the identity provider
 * read our metadata, which have both, let the second sign, and remove the first. Whatever is encrypted for either is opened all the while.
 */
export class ServiceKeys {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  list(project: ProjectRecord, connectionId: string): Promise<SsoKey[]> {
    return this.db.transaction(project.scope, async (tx) => {
      saml(await findSsoConnectionWithin(tx, connectionId))
      return listSsoKeysWithin(tx, connectionId)
    })
  }

  /** The first of a connection signs at once, as soon as anything is to be signed. */
  async make(project: ProjectRecord, by: Administrator, connectionId: string): Promise<SsoKey> {
    await this.list(project, connectionId)
    const now = this.clock.now()
    const made = await makeServiceKey({ box: this.box, entropy: this.entropy }, project, { connectionId, now })
    return this.#change(project, by, connectionId, 'sso.key_created', made.id, async (tx, keys) => {
      if (keys.length >= MAX_KEYS)
        throw new AuthError('conflict', { message: 'There are two keys already. Remove the one that is no longer used.' })
      const key = { ...made, signs: keys.length === 0 }
      await insertSsoKey(tx, key)
      return key
    })
  }

  /** Signs from now on. */
  use(project: ProjectRecord, by: Administrator, connectionId: string, id: string): Promise<SsoKey> {
    return this.#change(project, by, connectionId, 'sso.key_used', id, async (tx, keys) => {
      const key = present(keys, id)
      await setSigningKey(tx, connectionId, id)
      return { ...key, signs: true }
    })
  }

  /** Throws `validation_error` for the one that signs while something is signed, or while there is another that could. */
  remove(project: ProjectRecord, by: Administrator, connectionId: string, id: string): Promise<SsoKey> {
    return this.#change(project, by, connectionId, 'sso.key_removed', id, async (tx, keys, connection) => {
      const key = present(keys, id)
      const { saml: settings } = connection.settings
      const needed = settings?.signRequests === true || (settings?.sloUrl ?? null) !== null || keys.length > 1
      if (key.signs && needed) throw invalidField('id', 'in_use', 'This key signs. Let another one sign first.')
      await deleteSsoKey(tx, connectionId, id)
      return key
    })
  }

  #change(
    project: ProjectRecord,
    by: Administrator,
    connectionId: string,
    action: EventName,
    keyId: string,
    work: (tx: ProjectTx, keys: SsoKey[], connection: SsoConnection) => Promise<SsoKey>,
  ): Promise<SsoKey> {
    return this.db.transaction(project.scope, async (tx) => {
      const connection = saml(await lockSsoConnection(tx, connectionId))
      const key = await work(tx, await listSsoKeysWithin(tx, connectionId), connection)
      const about = { resource: 'sso_connection' as const, resourceId: connectionId, metadata: { keyId } }
      await recordAudit(tx, { ...by, action, ...about }, this.clock.now())
      return key
    })
  }
}

function saml(connection: SsoConnection | null): SsoConnection {
  if (connection?.settings.protocol !== 'saml') throw new AuthError('not_found')
  return connection
}

function present(keys: readonly SsoKey[], id: string): SsoKey {
  const key = keys.find((each) => each.id === id)
  if (!key) throw new AuthError('not_found')
  return key
}
