import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { readMetadata } from '../metadata.js'
import { isUniqueViolation } from '../platform-errors.js'
import { SLUG } from '../slug.js'
import { badSlug, taken } from './create-project.js'
import { changeProject, findProject, type ProjectChange, type ProjectRow } from '../records/project.store.js'

export interface ChangeProjectInput {
  name?: string | undefined
  slug?: string | undefined
  externalProjectId?: string | null | undefined
  metadata?: Record<string, unknown> | undefined
}

export class ChangeProject {
  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, projectId: string, input: ChangeProjectInput): Promise<ProjectRow> {
    if (input.slug !== undefined && !SLUG.test(input.slug)) throw badSlug()
    const metadata = readMetadata(input.metadata)
    const change: ProjectChange = {
      ...(input.name !== undefined && { name: input.name }),
      ...(input.slug !== undefined && { slug: input.slug }),
      ...(input.externalProjectId !== undefined && { externalProjectId: input.externalProjectId }),
      ...(metadata !== undefined && { metadata }),
    }
    const row = await this.#apply(caller, projectId, change)
    if (!row) throw new AuthError('not_found')
    this.directory.invalidate(projectId)
    return row
  }

  async #apply(caller: Caller, projectId: string, change: ProjectChange) {
    if (Object.keys(change).length === 0) return findProject(this.db, caller.tenantId, projectId)
    try {
      return await changeProject(this.db, caller, projectId, change, this.clock.now())
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw taken(
        change.externalProjectId === undefined || change.externalProjectId === null
          ? 'slug'
          : change.slug === undefined
            ? 'external_project_id'
            : 'slug',
        error,
      )
    }
  }
}
