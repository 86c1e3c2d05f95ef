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
import { findMember } from '../records/organization-member.store.js'
import { isUsed } from '../records/ways-in.view.js'
import type { AskHooks } from '../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../steps/hooks/sign-up-approval.js'
import { makeAccount } from '../steps/make-account.js'
import { checkRedirectTarget } from '../project/redirect-target.js'
import { readEmail } from '../read-email.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'
import { checkGrant } from './organization-roles.js'

export const INVITATION_SECONDS = 7 * DAY_SECONDS
const MAX_OPEN_INVITATIONS = 500
const INVITED = 'organization_invitation'

export interface InviteMemberInput {
  email: string
  role: string
  redirectTo?: string | undefined
}

/**
 * Invites an address to an organization. The answer and the mail's way are the same whether the address has an account or not: who asks
 * learns nothing of it, but that somebody belongs to the organization already (`conflict`). An account that nobody has used yet is made
 * here, as for every invitation, and the mailed link opens it.
 */
export class InviteMember {
  /** @param hooks `null`: only operators invite here, and the app is not asked about whom they invite. */
  constructor(
    private readonly db: ProjectDb,
    private readonly hooks: AskHooks | null,
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
    const approval = await this.#askApp(project, actor, organizationId, address.normalised)
    return this.db.transaction(project.scope, async (tx) => {
      const organization = await permittedOrganization(tx, actor, organizationId, 'members.manage', { lock: true })
      await checkGrant(tx, actor, organizationId, input.role)
      if ((await countInvitations(tx, organizationId, now)) >= MAX_OPEN_INVITATIONS) {
        throw new AuthError('forbidden', { message: `No more than ${MAX_OPEN_INVITATIONS} invitations wait at once. Revoke some.` })
      }
      const account = { id: this.entropy.uuid(), address, emailVerified: false, now }
      const made =
        actor.userId === null ? await insertEndUser(tx, account) : await makeAccount(tx, project, account, { method: INVITED, approval })
      const user = await lockEndUserByEmail(tx, address.normalised)
      if (!user) throw new Error('the user that was there is gone')
      if (!made && (await findMember(tx, organizationId, user.id))) throw alreadyMember()
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

  /**
   * Before anything is looked up, whether there is an account or not: else the app's no would tell which. Throws `refused_by_app`. Of
   * somebody who may not invite nobody is asked.
   */
  async #askApp(project: ProjectRecord, actor: OrganizationActor, id: string, email: string): Promise<SignUpApproval | null> {
    if (actor.userId === null || this.hooks === null || !project.hooks?.before_sign_up) return null
    await this.db.transaction(project.scope, (tx) => permittedOrganization(tx, actor, id, 'members.manage'))
    const { ip = null, userAgent = null } = actor.by
    return this.hooks.beforeSignUp(project, { email, method: INVITED, metadata: {} }, { ip, userAgent })
  }
}

/** No secret of the address: who may invite may see who belongs to the organization. */
function alreadyMember(): AuthError {
  const details = [{ field: 'email', code: 'already_member', message: 'This person belongs to the organization already.' }]
  return new AuthError('conflict', { details })
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
