import type { Organization } from '@portico/end-user/records/organization'
import type { OrganizationInvitation } from '@portico/end-user/records/organization-invitation.store'
import type { OrganizationMember } from '@portico/end-user/records/organization-member.store'
import type { OrganizationRole } from '@portico/end-user/records/organization-role.store'

export function organizationAnswer(organization: Organization) {
  return {
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    logo_url: organization.logoUrl,
    metadata: organization.metadata,
    domains: organization.domains,
    created_at: organization.createdAt.toISOString(),
    updated_at: organization.updatedAt.toISOString(),
  }
}

export function organizationMemberAnswer(member: OrganizationMember) {
  return {
    user_id: member.userId,
    email: member.email,
    email_verified: member.emailVerified,
    role: member.role,
    created_at: member.createdAt.toISOString(),
  }
}

export function organizationInvitationAnswer(invitation: OrganizationInvitation) {
  return {
    id: invitation.id,
    organization_id: invitation.organizationId,
    organization_name: invitation.organizationName,
    email: invitation.email,
    role: invitation.role,
    created_at: invitation.createdAt.toISOString(),
    expires_at: invitation.expiresAt.toISOString(),
  }
}

export function organizationRoleAnswer({ key, name, permissions, organizationId }: OrganizationRole) {
  return { key, name, permissions, organization_id: organizationId }
}
