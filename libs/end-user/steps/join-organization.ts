import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { takeInvitation, type OrganizationInvitation } from '../records/organization-invitation.store.js'
import { insertMember } from '../records/organization-member.store.js'

/**
 * Spends an invitation of a user whose address is proven, by the caller: it is the address that was invited, not whoever holds its id.
 * `null`: there is none for this address (any more).
 */
export async function joinOrganization(
  tx: ProjectTx,
  user: EndUser,
  invitationId: string,
  { caller, now }: { caller: Caller; now: Date },
): Promise<OrganizationInvitation | null> {
  const invitation = await takeInvitation(tx, { id: invitationId, email: user.email, now })
  if (!invitation) return null
  const { organizationId, role } = invitation
  // Who belongs to it already keeps their role: an older invitation must not lower or raise it.
  if (await insertMember(tx, { organizationId, userId: user.id, role, now })) {
    const metadata = { endUserId: user.id, role, invited: true }
    const by = { ...byUser(user.id, caller), resource: 'organization' as const, resourceId: organizationId }
    await recordAudit(tx, { ...by, action: 'organization.member_added', metadata }, now)
  }
  return invitation
}
