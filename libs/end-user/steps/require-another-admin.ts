import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { listEnabledAdmins, listSharedAdministrations } from '../records/organization-member.store.js'
import { holdOrganization } from '../records/organization.store.js'

/**
 * Throws `last_admin` for somebody who is the only admin of an organization that others belong to: deleting the account would be a way to
 * leave it that `leave` refuses. Whoever is alone there leaves nobody behind.
 */
export async function requireAnotherAdmin(tx: ProjectTx, userId: string): Promise<void> {
  for (const organizationId of await listSharedAdministrations(tx, userId)) {
    await holdOrganization(tx, organizationId)
    const [another] = await listEnabledAdmins(tx, { organizationId, among: null, except: [userId], limit: 1 })
    if (another === undefined) throw new AuthError('last_admin')
  }
}
