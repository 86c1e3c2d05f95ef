import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import { ADMIN_ROLE } from '@portico/kernel/organization-roles'
import { byUser, type Caller } from '../caller.js'
import { countOtherMembers, findMember, insertMember, setMemberRole } from '../records/organization-member.store.js'
import { lockOrganization } from '../records/organization.store.js'
import type { SsoConnection, SsoSettings } from '../records/sso-connection.js'

const FIRST_ROLE = 'member'

/**
 * Whoever comes by the connection of an organization belongs to it, in the role that their groups say. Answers the organization; `null` for
 * a connection of the whole project.
 */
export async function followGroups(
  tx: ProjectTx,
  connection: SsoConnection,
  { userId, groups }: { userId: string; groups: readonly string[] },
  { caller, now }: { caller: Caller; now: Date },
): Promise<string | null> {
  const { organizationId, settings } = connection
  if (organizationId === null) return null
  const said = mapped(settings, groups)?.role ?? settings.fallbackRole
  const about = { ...byUser(userId, caller), resource: 'organization' as const, resourceId: organizationId }
  const member = await findMember(tx, organizationId, userId)
  if (!member) {
    const role = said ?? FIRST_ROLE
    await insertMember(tx, { organizationId, userId, role, now })
    const metadata = { endUserId: userId, role, connectionId: connection.id }
    await recordAudit(tx, { ...about, action: 'organization.member_added', metadata }, now)
  } else if (said !== null && said !== member.role && (await mayLeaveRole(tx, organizationId, userId, member.role))) {
    await setMemberRole(tx, { organizationId, userId, role: said, now })
    const metadata = { endUserId: userId, role: said, before: member.role, connectionId: connection.id }
    await recordAudit(tx, { ...about, action: 'organization.member_changed', metadata }, now)
  }
  return organizationId
}

/** The first that fits. */
const mapped = ({ roles }: SsoSettings, groups: readonly string[]) => roles.find(({ group }) => groups.includes(group))

/** The group that says this role; `null`: none of theirs does. */
export function groupOfRole(settings: SsoSettings, groups: readonly string[], role: string): string | null {
  const said = mapped(settings, groups)
  return said?.role === role ? said.group : null
}

/** An organization keeps an admin, whatever the groups say: the last one stays until there is another. */
async function mayLeaveRole(tx: ProjectTx, organizationId: string, userId: string, role: string): Promise<boolean> {
  if (role !== ADMIN_ROLE) return true
  await lockOrganization(tx, organizationId)
  return (await countOtherMembers(tx, { organizationId, role, except: userId })) > 0
}
