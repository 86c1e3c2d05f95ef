import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { ADMIN_ROLE, isReservedSlug } from '@portico/kernel/organization-roles'
import { lockEndUser } from '../records/end-user-search.store.js'
import type { Organization } from '../records/organization.js'
import { countMemberships, insertMember } from '../records/organization-member.store.js'
import { insertOrganization } from '../records/organization.store.js'
import type { OrganizationActor } from './organization-actor.js'
import { readOrganizationInput, slugOf, type OrganizationInput } from './read-organization-input.js'

// Of one person who makes their own; who is invited to more may be in more.
const MAX_OWN_MEMBERSHIPS = 100

/** Makes an organization. A person who makes one is its first admin; an operator may name who is. */
export class CreateOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `conflict` when the slug is taken; without a slug one is made of the name. */
  async execute(
    project: ProjectRecord,
    actor: OrganizationActor,
    input: OrganizationInput & { name: string; adminId?: string | undefined },
  ): Promise<Organization> {
    if (actor.userId !== null && project.settings.organizations !== 'self_service') throw new AuthError('forbidden')
    const read = readOrganizationInput(input)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const adminId = actor.userId ?? input.adminId ?? null
      if (adminId !== null && !(isUuid(adminId) && (await lockEndUser(tx, adminId)))) {
        throw invalidField('adminId', 'unknown', 'There is no such user, or the user is disabled.')
      }
      if (actor.userId !== null && (await countMemberships(tx, actor.userId)) >= MAX_OWN_MEMBERSHIPS) {
        throw new AuthError('forbidden', { message: `Nobody can make more than ${MAX_OWN_MEMBERSHIPS} organizations.` })
      }
      const organization = await this.#insert(tx, { ...read, name: read.name ?? '' }, now)
      const { id, slug } = organization
      const { by } = actor
      await recordAudit(tx, { ...by, action: 'organization.created', resource: 'organization', resourceId: id, metadata: { slug } }, now)
      if (adminId !== null) {
        await insertMember(tx, { organizationId: id, userId: adminId, role: ADMIN_ROLE, now })
        const metadata = { endUserId: adminId, role: ADMIN_ROLE }
        await recordAudit(tx, { ...by, action: 'organization.member_added', resource: 'organization', resourceId: id, metadata }, now)
      }
      return organization
    })
  }

  async #insert(tx: ProjectTx, input: OrganizationInput & { name: string }, now: Date): Promise<Organization> {
    const { name, slug, logoUrl = null, metadata = {} } = input
    const draft = { id: this.entropy.uuid(), name, logoUrl, metadata, createdAt: now }
    const made = slugOf(name) || 'org'
    const first = slug === undefined && isReservedSlug(made) ? null : await insertOrganization(tx, { ...draft, slug: slug ?? made })
    if (first) return first
    if (slug !== undefined) throw slugTaken()
    const second = await insertOrganization(tx, { ...draft, slug: `${made}-${this.entropy.bytes(3).toString('hex')}` })
    if (!second) throw slugTaken()
    return second
  }
}

export function slugTaken(cause?: unknown): AuthError {
  return new AuthError('conflict', { cause, details: [{ field: 'slug', code: 'taken', message: 'Another organization has this slug.' }] })
}
