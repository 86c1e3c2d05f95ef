import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { readMetadata } from '../metadata.js'
import { isUniqueViolation } from '../platform-errors.js'
import { SLUG, slugOf } from '../slug.js'
import { findProjectByExternalId, insertProject, type ProjectRow, type ResourceType } from '../records/project.store.js'

export interface CreateProjectInput {
  name: string
  slug?: string | undefined
  resourceType?: ResourceType | undefined
  externalProjectId?: string | null | undefined
  metadata?: Record<string, unknown> | undefined
}

/** A slug that is not given is made from the name, with a random end when that is taken. */
export class CreateProject {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(caller: Caller, input: CreateProjectInput): Promise<ProjectRow> {
    if (input.slug !== undefined && !SLUG.test(input.slug)) throw badSlug()
    const project = {
      id: this.entropy.uuid(),
      name: input.name,
      slug: input.slug ?? slugOf(input.name, 'project'),
      resourceType: input.resourceType ?? 'project',
      externalProjectId: input.externalProjectId ?? null,
      metadata: readMetadata(input.metadata) ?? {},
    }
    const now = this.clock.now()
    try {
      return await insertProject(this.db, caller, project, now)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const external = project.externalProjectId
      if (external !== null && (await findProjectByExternalId(this.db, caller.tenantId, project.resourceType, external)))
        throw taken('external_project_id', error)
      if (input.slug !== undefined) throw taken('slug', error)
    }
    try {
      return await insertProject(this.db, caller, { ...project, slug: `${project.slug}-${this.entropy.bytes(4).toString('hex')}` }, now)
    } catch (error) {
      throw isUniqueViolation(error) ? taken('external_project_id', error) : error
    }
  }
}

export function badSlug(): AuthError {
  return invalidField('slug', 'invalid_format', 'This must be 1 to 63 lower-case letters, digits and inner hyphens.')
}

export function taken(field: string, cause: unknown): AuthError {
  return new AuthError('conflict', { cause, details: [{ field, code: 'taken', message: 'Another project has this value.' }] })
}
