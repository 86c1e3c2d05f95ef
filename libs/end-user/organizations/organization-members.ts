import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { isUuid } from '@portico/kernel/ids'
import { ADMIN_ROLE } from '@portico/kernel/organization-roles'
import { lockEndUser } from '../records/end-user-search.store.js'
import {
  countOtherMembers,
  deleteMember,
  findMember,
  insertMember,
  listAdmins,
  listMembers,
  setMemberRole,
  type OrganizationMember,
} from '../records/organization-member.store.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'
import { checkGrant } from './organization-roles.js'

export class ListOrganizationMembers {
  constructor(private readonly db: ProjectDb) {}

  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    organizationId: string,
    page: { limit: number; after: { at: Date; id: string } | null; offset: number },
  ): Promise<OrganizationMember[]> {
    await this.db.transaction(project.scope, (tx) => permittedOrganization(tx, actor, organizationId, 'members.read'))
    return listMembers(this.db, project.scope, { organizationId, ...page })
  }
}

/** Without an invitation: for operators, who know who belongs where. */
export class AddOrganizationMember {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Somebody who belongs to it already keeps their role: throws `conflict`. */
  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    organizationId: string,
    { userId, role }: { userId: string; role: string },
  ): Promise<OrganizationMember> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'members.manage', { lock: true })
      await checkGrant(tx, actor, organizationId, role)
      if (!isUuid(userId) || !(await lockEndUser(tx, userId))) {
        throw invalidField('userId', 'unknown', 'There is no such user, or the user is disabled.')
      }
      if (!(await insertMember(tx, { organizationId, userId, role, now }))) throw new AuthError('conflict')
      await recordMember(tx, actor, 'organization.member_added', { organizationId, userId, role }, now)
      return requireMember(tx, organizationId, userId)
    })
  }
}

export class ChangeOrganizationMember {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `last_admin` for the only admin that is left. */
  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    organizationId: string,
    { userId, role }: { userId: string; role: string },
  ): Promise<OrganizationMember> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'members.manage', { lock: true })
      const member = await requireMember(tx, organizationId, userId)
      await checkGrant(tx, actor, organizationId, member.role)
      await checkGrant(tx, actor, organizationId, role)
      if (member.role === role) return member
      await keepAnAdmin(tx, organizationId, member)
      await setMemberRole(tx, { organizationId, userId, role, now })
      await recordMember(tx, actor, 'organization.member_changed', { organizationId, userId, role, before: member.role }, now)
      return { ...member, role }
    })
  }
}

/** Takes somebody out, or oneself: leaving needs no permission. */
export class RemoveOrganizationMember {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `last_admin` for the only admin that is left. */
  async execute(project: ProjectRecord, actor: OrganizationActor, organizationId: string, userId: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const leaves = actor.userId !== null && actor.userId === userId
      await permittedOrganization(tx, actor, organizationId, leaves ? null : 'members.manage', { lock: true })
      const member = await requireMember(tx, organizationId, userId)
      if (!leaves) await checkGrant(tx, actor, organizationId, member.role)
      await keepAnAdmin(tx, organizationId, member)
      await deleteMember(tx, { organizationId, userId, now })
      await recordMember(tx, actor, 'organization.member_removed', { organizationId, userId, role: member.role }, now)
    })
  }
}

/** Operators hand an organization to somebody else: that member becomes admin, every admin before a plain member. */
export class TransferOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, actor: OrganizationActor, organizationId: string, userId: string): Promise<OrganizationMember> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await permittedOrganization(tx, actor, organizationId, 'org.delete', { lock: true })
      if (!isUuid(userId) || !(await lockEndUser(tx, userId))) {
        throw invalidField('userId', 'unknown', 'There is no such user, or the user is disabled.')
      }
      await insertMember(tx, { organizationId, userId, role: ADMIN_ROLE, now })
      for (const admin of await listAdmins(tx, organizationId)) {
        if (admin !== userId) await setMemberRole(tx, { organizationId, userId: admin, role: 'member', now })
      }
      await setMemberRole(tx, { organizationId, userId, role: ADMIN_ROLE, now })
      await recordMember(tx, actor, 'organization.transferred', { organizationId, userId, role: ADMIN_ROLE }, now)
      return requireMember(tx, organizationId, userId)
    })
  }
}

async function requireMember(tx: ProjectTx, organizationId: string, userId: string): Promise<OrganizationMember> {
  const member = isUuid(userId) ? await findMember(tx, organizationId, userId) : null
  if (!member) throw new AuthError('not_found')
  return member
}

async function keepAnAdmin(tx: ProjectTx, organizationId: string, member: OrganizationMember): Promise<void> {
  if (member.role !== ADMIN_ROLE) return
  if ((await countOtherMembers(tx, { organizationId, role: ADMIN_ROLE, except: member.userId })) === 0) throw new AuthError('last_admin')
}

async function recordMember(
  tx: ProjectTx,
  { by }: OrganizationActor,
  action: 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.transferred',
  { organizationId, userId, ...said }: { organizationId: string; userId: string; role: string; before?: string },
  now: Date,
): Promise<void> {
  const metadata = { endUserId: userId, ...said }
  await recordAudit(tx, { ...by, action, resource: 'organization', resourceId: organizationId, metadata }, now)
}
