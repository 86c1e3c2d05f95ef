import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isUniqueViolation } from '@portico/database/unique-violation'
import type { Clock } from '@portico/kernel/clock'
import { noteRoleChanged } from '../records/organization-member.store.js'
import type { Organization } from '../records/organization.js'
import { deleteOrganization, isSlugTaken, saveOrganization } from '../records/organization.store.js'
import { slugTaken } from './create-organization.js'
import { permittedOrganization, type OrganizationActor } from './organization-actor.js'
import { readOrganizationInput, type OrganizationInput } from './read-organization-input.js'

export class ChangeOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `conflict` when the slug is taken. Metadata is replaced as a whole. */
  async execute(project: ProjectRecord, actor: OrganizationActor, id: string, input: OrganizationInput): Promise<Organization> {
    const read = readOrganizationInput(input)
    const now = this.clock.now()
    const changed = this.db.transaction(project.scope, async (tx) => {
      const before = await permittedOrganization(tx, actor, id, 'org.update', { lock: true })
      const organization: Organization = {
        ...before,
        name: read.name ?? before.name,
        slug: read.slug ?? before.slug,
        logoUrl: read.logoUrl === undefined ? before.logoUrl : read.logoUrl,
        metadata: read.metadata ?? before.metadata,
        updatedAt: now,
      }
      if (organization.slug !== before.slug) {
        if (await isSlugTaken(tx, organization.slug, before.id)) throw slugTaken()
        // Tokens say the slug.
        await noteRoleChanged(tx, { role: null, organizationId: before.id, now })
      }
      await saveOrganization(tx, organization)
      const fields = Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [name]))
      const { by } = actor
      await recordAudit(
        tx,
        { ...by, action: 'organization.changed', resource: 'organization', resourceId: before.id, metadata: { fields } },
        now,
      )
      return organization
    })
    return changed.catch((error: unknown) => {
      throw isUniqueViolation(error) ? slugTaken(error) : error
    })
  }
}

/** Its people stay, as people of the project. */
export class DeleteOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, actor: OrganizationActor, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const { slug } = await permittedOrganization(tx, actor, id, 'org.delete', { lock: true })
      const members = await noteRoleChanged(tx, { role: null, organizationId: id, now })
      await deleteOrganization(tx, id)
      const { by } = actor
      await recordAudit(
        tx,
        { ...by, action: 'organization.deleted', resource: 'organization', resourceId: id, metadata: { slug, members } },
        now,
      )
    })
  }
}
