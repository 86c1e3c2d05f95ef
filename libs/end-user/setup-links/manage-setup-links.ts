import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import type { Administrator } from '../administration/administrator.js'
import { findOrganization, lockOrganization } from '../records/organization.store.js'
import {
  countLiveSetupLinks,
  findSetupLink,
  insertSetupLink,
  listSetupLinks,
  revokeSetupLink,
  type SetupLink,
} from '../records/setup-link.store.js'
import { findSsoConnectionWithin } from '../records/sso-connection.store.js'

export const SETUP_LINK_SECONDS = 7 * DAY_SECONDS
const MAX_LIVE = 10
const MAX_LISTED = 100

/** Links that operators hand to the administrators of their customers. */
export class ManageSetupLinks {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** What is over is told by the clock that it is made by. */
  now(): Date {
    return this.clock.now()
  }

  async list(project: ProjectRecord, organizationId: string): Promise<SetupLink[]> {
    if (!(await this.db.transaction(project.scope, (tx) => findOrganization(tx, organizationId)))) throw new AuthError('not_found')
    return listSetupLinks(this.db, project.scope, organizationId, MAX_LISTED)
  }

  /** The token is answered here and never again; only its digest is kept. `connectionId`: one that is there already, to be mended. */
  create(
    project: ProjectRecord,
    by: Administrator,
    organizationId: string,
    connectionId: string | null,
  ): Promise<{ link: SetupLink; token: string }> {
    const now = this.clock.now()
    const token = opaqueToken(this.entropy)
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockOrganization(tx, organizationId))) throw new AuthError('not_found')
      if (connectionId !== null) {
        const connection = isUuid(connectionId) ? await findSsoConnectionWithin(tx, connectionId) : null
        // Another company's connection would be theirs to change.
        if (connection?.organizationId !== organizationId)
          throw invalidField('connectionId', 'unknown', 'The organization has no such connection.')
      }
      if ((await countLiveSetupLinks(tx, organizationId, now)) >= MAX_LIVE)
        throw new AuthError('conflict', { message: `An organization has at most ${MAX_LIVE} live set-up links. Revoke one first.` })
      const id = this.entropy.uuid()
      const expiresAt = addSeconds(now, SETUP_LINK_SECONDS)
      await insertSetupLink(tx, { id, organizationId, connectionId, tokenDigest: digestToken(token), createdAt: now, expiresAt })
      const audit = { resource: 'setup_link' as const, resourceId: id, metadata: { organizationId, connectionId } }
      await recordAudit(tx, { ...by, action: 'setup_link.created', ...audit }, now)
      const link = await findSetupLink(tx, id)
      if (!link) throw new Error('the link was not written')
      return { link, token }
    })
  }

  /** Counts with the holder's next click. Throws `not_found` for one that is over already. */
  async revoke(project: ProjectRecord, by: Administrator, organizationId: string, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await revokeSetupLink(tx, { id, organizationId, now }))) throw new AuthError('not_found')
      const audit = { resource: 'setup_link' as const, resourceId: id, metadata: { organizationId } }
      await recordAudit(tx, { ...by, action: 'setup_link.revoked', ...audit }, now)
    })
  }
}
