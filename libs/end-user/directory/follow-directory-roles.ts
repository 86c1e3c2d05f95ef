import type { ProjectTx } from '@portico/database/project-db'
import { ADMIN_ROLE } from '@portico/kernel/organization-roles'
import type { Directory } from '../records/directory.js'
import { applyDirectoryRoles } from '../records/directory-role.store.js'
import { listEnabledAdmins } from '../records/organization-member.store.js'
import { holdOrganization } from '../records/organization.store.js'

/**
 * Roles as the groups of a directory say. An organization keeps an admin, whatever they say: the last one stays until there is another, or
 * the first sync of a company would take the organization from whoever made it. Who leaves the directory goes, last admin or not. Answers
 * who stayed; `null`: nobody had to.
 */
export async function followDirectoryRoles(
  tx: ProjectTx,
  { id: directoryId, organizationId }: Pick<Directory, 'id' | 'organizationId'>,
  { userIds, now }: { userIds: readonly string[] | null; now: Date },
): Promise<string | null> {
  const done = await applyDirectoryRoles(tx, { directoryId, userIds, demote: [], now })
  const held = done.filter((change) => change.held).map(({ userId }) => userId)
  const promoted = done.filter(({ role }) => role === ADMIN_ROLE).map(({ userId }) => userId)
  if (organizationId === null || (held.length === 0 && promoted.length === 0)) return null
  await holdOrganization(tx, organizationId)
  // Whoever stayed as the last admin need not any more now that there is another.
  const others = promoted.length === 0
    ? []
    : await listEnabledAdmins(tx, { organizationId, among: null, except: [...promoted, ...held], limit: 2 })
  const asked = [...held, ...(others.length === 1 ? others : [])]
  if (asked.length === 0) return null
  const leaving = (await applyDirectoryRoles(tx, { directoryId, userIds: asked, demote: [], now })).map(({ userId }) => userId)
  const [another] = await listEnabledAdmins(tx, { organizationId, among: null, except: leaving, limit: 1 })
  const [stays = null] = another === undefined ? await listEnabledAdmins(tx, { organizationId, among: leaving, except: [], limit: 1 }) : []
  const demote = leaving.filter((userId) => userId !== stays)
  if (demote.length > 0) await applyDirectoryRoles(tx, { directoryId, userIds: demote, demote, now })
  return stays
}
