import type { AccessTokenClaims } from '@portico/tokens/access-token'
import type { ActiveOrganization } from '../records/organization.js'

type OrganizationClaims = Pick<AccessTokenClaims, 'org_id' | 'org_slug' | 'org_role' | 'permissions'>

/** As an access token says it; nothing at all for a person who works for none just now. */
export function organizationClaims(organization: ActiveOrganization | null): OrganizationClaims {
  if (!organization) return {}
  const { id, slug, role, permissions } = organization
  return { org_id: id, org_slug: slug, org_role: role, permissions: [...permissions] }
}

export function claimedOrganization(claims: AccessTokenClaims): ActiveOrganization | null {
  const { org_id: id, org_slug: slug, org_role: role, permissions } = claims
  return id === undefined ? null : { id, slug: slug ?? '', role: role ?? '', permissions: permissions ?? [] }
}

/** Whether what the token says of the organization is still so. */
export function saysOrganization(claims: AccessTokenClaims, now: ActiveOrganization | null): boolean {
  if (now === null) return claims.org_id === undefined
  const { org_id: id, org_slug: slug, org_role: role, permissions = [] } = claims
  const same = now.id === id && now.slug === slug && now.role === role && now.permissions.length === permissions.length
  return same && now.permissions.every((permission, index) => permission === permissions[index])
}
