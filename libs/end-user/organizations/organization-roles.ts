import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import {
  ADMIN_ROLE,
  MAX_PERMISSIONS,
  MAX_PERMISSIONS_BYTES,
  ORGANIZATION_PERMISSIONS,
  PERMISSION,
  ROLE_KEY,
} from '@portico/kernel/organization-roles'
import { rolesOfDirectories } from '../records/directory-role.store.js'
import { noteRoleChanged } from '../records/organization-member.store.js'
import { deleteRole, listRoles, listRolesWithin, saveRole, type OrganizationRole } from '../records/organization-role.store.js'
import { findActiveOrganization } from '../records/organization.store.js'
import { effectiveRoles } from '../steps/effective-roles.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'

const MAX_ROLES = 100

/** The roles of the project, or those that count in one organization: its own before the project's before the two default ones. */
export class ListOrganizationRoles {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, organizationId: string | null): Promise<OrganizationRole[]> {
    if (organizationId !== null && !isUuid(organizationId)) throw new AuthError('not_found')
    return effectiveRoles(await listRoles(this.db, project.scope, organizationId))
  }
}

/**
 * Whether the actor may give this role, or touch who has it: nobody but an admin gives or takes more than they are permitted themselves,
 * or a role that manages members could make its holder admin. Throws `validation_error` for a role that this organization does not have,
 * or `forbidden`.
 */
export async function checkGrant(tx: ProjectTx, actor: OrganizationActor, organizationId: string, role: string): Promise<void> {
  const roles = effectiveRoles(await listRolesWithin(tx, organizationId))
  const given = roles.find(({ key }) => key === role)
  if (!given) {
    const known = roles.map(({ key }) => key).join(', ')
    throw invalidField('role', 'unknown', `There is no such role. Roles here: ${known}.`)
  }
  if (actor.userId === null) return
  const own = await findActiveOrganization(tx, actor.userId, organizationId)
  // An admin gives every role, also one whose permissions are the app's own words and in no list but that role's.
  if (own?.role === ADMIN_ROLE) return
  if (!own || !given.permissions.every((permission) => own.permissions.includes(permission))) throw new AuthError('forbidden')
}

export class SetOrganizationRole {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Makes the role or replaces it. Counts in tokens from their next refresh, for `/verify` at once. */
  async execute(project: ProjectRecord, actor: OrganizationActor, role: OrganizationRole): Promise<OrganizationRole> {
    checkRole(role)
    const { key, organizationId } = role
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await checkDefiner(tx, project, actor, organizationId)
      if (actor.userId !== null) await checkVocabulary(tx, role)
      await lockList(tx, 'organization_role')
      const all = await listRolesWithin(tx, organizationId)
      const others = all.filter((known) => known.key !== key || known.organizationId !== organizationId)
      if (others.length >= MAX_ROLES) {
        throw invalidField('key', 'too_many', `At most ${MAX_ROLES} roles.`)
      }
      await saveRole(tx, { ...role, id: this.entropy.uuid(), now })
      await noteRoleChanged(tx, { role: key, organizationId, now })
      const metadata = { organizationId, permissions: role.permissions }
      const { by } = actor
      await recordAudit(tx, { ...by, action: 'organization.role_set', resource: 'organization_role', resourceId: key, metadata }, now)
      return role
    })
  }
}

/** A default role gets its own permissions back; another one goes, unless somebody has it or a directory gives it (`role_in_use`). */
export class RemoveOrganizationRole {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    which: { key: string; organizationId: string | null },
  ): Promise<void> {
    const { key, organizationId } = which
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await checkDefiner(tx, project, actor, organizationId)
      if (!(await deleteRole(tx, { key, organizationId }))) throw new AuthError('not_found')
      const holders = await noteRoleChanged(tx, { role: key, organizationId, now })
      const left = effectiveRoles(await listRolesWithin(tx, organizationId)).some((role) => role.key === key)
      const inUse = !left && (holders > 0 || (await rolesOfDirectories(tx, organizationId)).includes(key))
      if (inUse) throw new AuthError('role_in_use')
      const { by } = actor
      const metadata = { organizationId }
      await recordAudit(tx, { ...by, action: 'organization.role_removed', resource: 'organization_role', resourceId: key, metadata }, now)
    })
  }
}

/**
 * Who says what a role permits: operators, and for their own organization its admins where the project lets them. Throws `not_found` for an
 * organization that there is not, or not for this person, and `forbidden`.
 */
async function checkDefiner(
  tx: ProjectTx,
  project: ProjectRecord,
  actor: OrganizationActor,
  organizationId: string | null,
): Promise<void> {
  if (organizationId !== null) await permittedOrganization(tx, actor, organizationId, null, { lock: true })
  if (actor.userId === null) return
  if (organizationId === null || project.settings.organization_roles !== 'organization') throw new AuthError('forbidden')
  const own = await findActiveOrganization(tx, actor.userId, organizationId)
  if (own?.role !== ADMIN_ROLE) throw new AuthError('forbidden')
}

/**
 * The words are the app's: a customer puts together what roles of the project permit, and cannot give itself what the app keeps for others.
 */
async function checkVocabulary(tx: ProjectTx, { permissions }: OrganizationRole): Promise<void> {
  const ofProject = effectiveRoles(await listRolesWithin(tx, null)).flatMap((role) => role.permissions)
  const known = new Set<string>([...ORGANIZATION_PERMISSIONS, ...ofProject])
  const beyond = permissions.find((permission) => !known.has(permission))
  if (beyond !== undefined) throw invalidField('permissions', 'unknown', `No role of the project permits ${beyond}.`)
}

function checkRole({ key, permissions }: OrganizationRole): void {
  if (!ROLE_KEY.test(key)) throw invalidField('key', 'invalid', 'Lower-case letters, digits, - and _, a letter first, at most 32.')
  if (permissions.length > MAX_PERMISSIONS) throw invalidField('permissions', 'too_many', `At most ${MAX_PERMISSIONS}.`)
  if (!permissions.every((permission) => PERMISSION.test(permission))) {
    throw invalidField('permissions', 'invalid', 'Each like billing.read: lower-case letters, digits and _ . : - and a letter first, at most 64.')
  }
  if (Buffer.byteLength(permissions.join('","')) > MAX_PERMISSIONS_BYTES) {
    throw invalidField('permissions', 'too_large', `Together at most ${MAX_PERMISSIONS_BYTES} bytes: every access token carries them.`)
  }
  // Else nobody could ever manage the organization again.
  if (key === ADMIN_ROLE && !ORGANIZATION_PERMISSIONS.every((own) => permissions.includes(own))) {
    throw invalidField('permissions', 'missing', `The role admin keeps ${ORGANIZATION_PERMISSIONS.join(', ')}.`)
  }
}
