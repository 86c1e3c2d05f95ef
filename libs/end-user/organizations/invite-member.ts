import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { lockEndUserByEmail } from '../records/end-user-search.store.js'
import { insertEndUser } from '../records/end-user.store.js'
import {
  countInvitations,
  deleteInvitation,
  listInvitations,
  saveInvitation,
  type OrganizationInvitation,
} from '../records/organization-invitation.store.js'
import { isUsed } from '../records/ways-in.view.js'
import { checkRedirectTarget } from '../project/redirect-target.js'
import { readEmail } from '../read-email.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'
import { checkGrant } from './organization-roles.js'

export const INVITATION_SECONDS = 7 * DAY_SECONDS
const MAX_OPEN_INVITATIONS = 500

export interface InviteMemberInput {
  email: string
  role: string
  redirectTo?: string | undefined
}

/**
 * Invites an address to an organization. The answer and the mail's way are the same whether the address has an account or not: who asks
 * learns nothing of it. An account that nobody has used yet is made here, as for every invitation, and the mailed link opens it.
 */
export class InviteMember {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    organizationId: string,
    input: InviteMemberInput,
  ): Promise<OrganizationInvitation> {
    const address = readEmail(input.email)
    checkRedirectTarget(project, input.redirectTo)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const organization = await permittedOrganization(tx, actor, organizationId, 'members.manage', { lock: true })
      await checkGrant(tx, actor, organizationId, input.role)
      if ((await countInvitations(tx, organizationId, now)) >= MAX_OPEN_INVITATIONS) {
        throw new AuthError('forbidden', { message: `No more than ${MAX_OPEN_INVITATIONS} invitations wait at once. Revoke some.` })
      }
      const made = await insertEndUser(tx, { id: this.entropy.uuid(), address, emailVerified: false, now })
      const user = await lockEndUserByEmail(tx, address.normalised)
      if (!user) throw new Error('the user that was there is gone')
      // Somebody has set the account up without proving the address: an invitation must neither make it theirs nor take it from them.
      const newAccount = made !== null || (user.emailVerifiedAt === null && !(await isUsed(tx, user.id)))
      const invitation = {
        id: this.entropy.uuid(),
        organizationId,
        email: address.normalised,
        role: input.role,
        createdAt: now,
        expiresAt: addSeconds(now, INVITATION_SECONDS),
      }
      await saveInvitation(tx, { ...invitation, invitedBy: actor.userId })
      const redirect = input.redirectTo === undefined ? {} : { redirectTo: input.redirectTo }
      const payload = { endUserId: user.id, invitationId: invitation.id, organizationName: organization.name, newAccount, ...redirect }
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'organization_invitation', payload }, now)
      const { by } = actor
      const audit = { resource: 'organization' as const, resourceId: organizationId, metadata: { endUserId: user.id, role: input.role } }
      await recordAudit(tx, { ...by, action: 'organization.member_invited', ...audit }, now)
      return { ...invitation, organizationName: organization.name }
    })
  }
}

export class ListOrganizationInvitations {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, actor: OrganizationActor, organizationId: string): Promise<OrganizationInvitation[]> {
    await this.db.transaction(project.scope, (tx) => permittedOrganization(tx, actor, organizationId, 'members.manage'))
    return listInvitations(this.db, project.scope, organizationId, this.clock.now())
  }
}

export class RevokeOrganizationInvitation {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, actor: OrganizationActor, organizationId: string, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'members.manage')
      if (!isUuid(id) || !(await deleteInvitation(tx, { id, organizationId }))) throw new AuthError('not_found')
      const { by } = actor
      await recordAudit(
        tx,
        { ...by, action: 'organization.invitation_revoked', resource: 'organization', resourceId: organizationId },
        now,
      )
    })
  }
}
