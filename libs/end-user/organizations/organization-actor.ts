import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import type { OrganizationPermission } from '@portico/kernel/organization-roles'
import type { Administrator } from '../administration/administrator.js'
import type { Caller } from '../caller.js'
import type { Organization } from '../records/organization.js'
import { findActiveOrganization, findOrganization, lockOrganization } from '../records/organization.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'

/** Who does something to an organization: one of its people, or (`null`) an operator, who may do everything. */
export interface OrganizationActor {
  userId: string | null
  /** As audit rows keep it. */
  by: Administrator
}

/** Throws `organizations_not_enabled`. Operators, who may prepare organizations before people see them, are not asked. */
export function asMember(project: ProjectRecord, session: AuthenticatedSession, caller: Caller): OrganizationActor {
  requireOrganizations(project)
  const { ip, userAgent } = caller
  return { userId: session.user.id, by: { actor: { type: 'end_user', id: session.user.id }, ip, userAgent } }
}

export function asOperator(by: Administrator): OrganizationActor {
  return { userId: null, by }
}

/** Throws `organizations_not_enabled`. */
export function requireOrganizations(project: ProjectRecord): void {
  if (project.settings.organizations === 'off') throw new AuthError('organizations_not_enabled')
}

/**
 * The organization, if the actor may do this there. Whoever does not belong to it is told that there is nothing (`not_found`), a member
 * without the right `forbidden`. The membership is read in the transaction of the change: it may have ended since the token was issued.
 */
export async function permittedOrganization(
  tx: ProjectTx,
  actor: OrganizationActor,
  id: string,
  permission: OrganizationPermission | null,
  { lock = false } = {},
): Promise<Organization> {
  const organization = isUuid(id) ? await (lock ? lockOrganization(tx, id) : findOrganization(tx, id)) : null
  if (!organization) throw new AuthError('not_found')
  if (actor.userId === null) return organization
  const active = await findActiveOrganization(tx, actor.userId, id)
  if (!active) throw new AuthError('not_found')
  if (permission !== null && !active.permissions.includes(permission)) throw new AuthError('forbidden')
  return organization
}
