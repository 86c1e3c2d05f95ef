import { DEFAULT_ORGANIZATION_ROLES } from '@portico/kernel/organization-roles'
import type { OrganizationRole } from '../records/organization-role.store.js'

/** The roles that count: the two that every project has, as its rows replace them and add others. */
export function effectiveRoles(rows: readonly OrganizationRole[]): OrganizationRole[] {
  const roles = new Map<string, OrganizationRole>()
  for (const role of DEFAULT_ORGANIZATION_ROLES) roles.set(role.key, { ...role, organizationId: null })
  // The organization's own come after the project's.
  for (const row of rows) roles.set(row.key, row)
  return [...roles.values()]
}
