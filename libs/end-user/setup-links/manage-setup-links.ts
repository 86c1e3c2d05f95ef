import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { permittedOrganization, type OrganizationActor } from '../organizations/organization-actor.js'
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

export type SetupLinkState = 'waiting' | 'open' | 'finished' | 'revoked' | 'expired'

export function setupLinkState({ openedAt, finishedAt, revokedAt, expiresAt }: SetupLink, now: Date): SetupLinkState {
  if (revokedAt !== null) return 'revoked'
  if (finishedAt !== null) return 'finished'
  if (expiresAt <= now) return 'expired'
  return openedAt === null ? 'waiting' : 'open'
}

/** Links that operators hand to the administrators of their customers, and that those make themselves where their role permits it. */
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

  async list(project: ProjectRecord, actor: OrganizationActor, organizationId: string): Promise<SetupLink[]> {
    await this.db.transaction(project.scope, (tx) => permittedOrganization(tx, actor, organizationId, 'sso.manage'))
    return listSetupLinks(this.db, project.scope, organizationId, MAX_LISTED)
  }

  /** The token is answered here and never again; only its digest is kept. `connectionId`: one that is there already, to be mended. */
  create(
    project: ProjectRecord,
    actor: OrganizationActor,
    organizationId: string,
    connectionId: string | null,
  ): Promise<{ link: SetupLink; token: string }> {
    const now = this.clock.now()
    const token = opaqueToken(this.entropy)
    return this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'sso.manage', { lock: true })
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
      const made = { id, organizationId, connectionId, madeBy: actor.userId, createdAt: now, expiresAt }
      await insertSetupLink(tx, { ...made, tokenDigest: digestToken(token) })
      const audit = { resource: 'setup_link' as const, resourceId: id, metadata: { organizationId, connectionId } }
      await recordAudit(tx, { ...actor.by, action: 'setup_link.created', ...audit }, now)
      const link = await findSetupLink(tx, id)
      if (!link) throw new Error('the link was not written')
      return { link, token }
    })
  }

  /** Counts with the holder's next click. Throws `not_found` for one that is over already. */
  async revoke(project: ProjectRecord, actor: OrganizationActor, organizationId: string, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'sso.manage')
      if (!isUuid(id) || !(await revokeSetupLink(tx, { id, organizationId, now }))) throw new AuthError('not_found')
      const audit = { resource: 'setup_link' as const, resourceId: id, metadata: { organizationId } }
      await recordAudit(tx, { ...actor.by, action: 'setup_link.revoked', ...audit }, now)
    })
  }
}
