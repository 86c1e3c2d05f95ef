import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { parseId } from '@portico/kernel/ids'
import { readSettings } from '@portico/kernel/settings/read-settings'
import type { AuthService } from '../auth-service/auth-service.js'
import type { ChangeAuth } from '../auth-service/change-auth.js'
import type { DisableAuth } from '../auth-service/disable-auth.js'
import type { EnableAuth } from '../auth-service/enable-auth.js'
import type { ReadAuth } from '../auth-service/read-auth.js'
import type { Caller } from '../caller.js'
import { isUniqueViolation } from '../platform-errors.js'
import type { CreateProject } from '../projects/create-project.js'
import { findProject, findProjectByExternalId, type ProjectRow, type ResourceType } from '../records/project.store.js'

export interface Resource {
  resourceType: ResourceType
  resourceId: string
}

/** The published clients' form of the auth service: a resource of the platform instead of a project id, their names for three settings. */
export class ProjectAuth {
  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly createProject: CreateProject,
    private readonly enableAuth: EnableAuth,
    private readonly readAuth: ReadAuth,
    private readonly changeAuth: ChangeAuth,
    private readonly disableAuth: DisableAuth,
  ) {}

  async status(caller: Caller, resource: Resource): Promise<AuthService> {
    const project = await this.#find(caller, resource)
    return this.readAuth.execute(project.scope)
  }

  /** Also makes the project of a sandbox or deployment that has none yet. */
  async enable(caller: Caller, resource: Resource, settings: Record<string, unknown>): Promise<{ first: boolean; auth: AuthService }> {
    const change = readSettings(settings)
    const row = (await this.#findRow(caller, resource)) ?? (await this.#create(caller, resource))
    return this.enableAuth.execute(await this.#record(row), caller, change)
  }

  async disable(caller: Caller, resource: Resource): Promise<AuthService> {
    const project = await this.#find(caller, resource)
    return this.disableAuth.execute(project.scope, caller)
  }

  async configure(caller: Caller, resource: Resource, settings: Record<string, unknown>): Promise<AuthService> {
    const change = readSettings(settings)
    return this.changeAuth.execute(await this.#find(caller, resource), caller, change)
  }

  async #find(caller: Caller, resource: Resource): Promise<ProjectRecord> {
    const row = await this.#findRow(caller, resource)
    if (!row) throw new AuthError('not_found')
    return this.#record(row)
  }

  async #findRow(caller: Caller, { resourceType, resourceId }: Resource): Promise<ProjectRow | null> {
    const external = await findProjectByExternalId(this.db, caller.tenantId, resourceType, resourceId)
    if (external) return external
    const id = parseId('proj', resourceId)
    if (id === null) return null
    // Under any type: a platform that runs an app in a sandbox or deploys it may know it by its project alone.
    const row = await findProject(this.db, caller.tenantId, id)
    return row && row.archivedAt === null ? row : null
  }

  async #create(caller: Caller, resource: Resource): Promise<ProjectRow> {
    // A project is made by POST /projects. An id of ours that names nothing of this tenant's is a mistake, not a new resource.
    if (resource.resourceType === 'project' || resource.resourceId.startsWith('proj_')) throw new AuthError('not_found')
    if (!caller.permissions.has('projects.write'))
      throw new AuthError('insufficient_scope', { message: 'A new project needs the scope projects:write.' })
    const { resourceType, resourceId } = resource
    try {
      return await this.createProject.execute(caller, { name: resourceId, resourceType, externalProjectId: resourceId })
    } catch (error) {
      // Two first calls at once: the other one made it.
      const made =
        error instanceof AuthError && (error.code === 'conflict' || isUniqueViolation(error.cause))
          ? await this.#findRow(caller, resource)
          : null
      if (made) return made
      throw error
    }
  }

  async #record(row: ProjectRow): Promise<ProjectRecord> {
    const record = await this.directory.resolve(row.id)
    if (!record) throw new AuthError('not_found')
    return record
  }
}
