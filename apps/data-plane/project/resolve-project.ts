import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { isLocalOrAddress, readHost } from '@portico/http/request-host'
import { parseId } from '@portico/kernel/ids'
import type { ProjectBase } from './project-base.js'

/** Finds the project of a request. */
export class ResolveProject {
  /** The last host header and what it names: an app's calls all bring the same. */
  #lastHost: { header: string | undefined; custom: string | null } = { header: undefined, custom: null }

  constructor(
    private readonly directory: ProjectDirectory,
    /** The host name in `DATA_PLANE_PUBLIC_URL`. */
    private readonly publicHostname: string,
  ) {}

  /** `null`: no such project, or it is archived, or the URL names two different ones. */
  async execute(base: ProjectBase, hostHeader: string | undefined): Promise<ProjectRecord | null> {
    const owner = await this.#ownerOf(hostHeader)
    if (base.kind === 'host') return unarchived(await this.#confirmed(owner))
    // The domain of one project must not serve another: its pages and cookies would pass for the owner's.
    if (owner && owner.scope.projectId !== base.projectId) return null
    const project = unarchived(await this.#confirmed(await this.directory.resolve(base.projectId)))
    return project && (base.resource === null || names(project, base.resource)) ? project : null
  }

  /** The same for the usual request, one by id under our own host for a serving project that is in memory; `null` says nothing. */
  known(base: ProjectBase, hostHeader: string | undefined): ProjectRecord | null {
    if (base.kind !== 'id' || base.resource !== null || this.#customHost(hostHeader) !== null) return null
    const project = this.directory.known(base.projectId)
    return project && serves(project) ? project : null
  }

  /**
   * A project that does not serve is read again before it is refused. Who has just enabled auth and calls it may be faster than the
   * announcement of the change, and would be told that auth is not enabled.
   */
  async #confirmed(project: ProjectRecord | null): Promise<ProjectRecord | null> {
    return project === null || serves(project) ? project : this.directory.resolveFresh(project.scope.projectId)
  }

  async #ownerOf(hostHeader: string | undefined): Promise<ProjectRecord | null> {
    const hostname = this.#customHost(hostHeader)
    return hostname === null ? null : this.directory.resolveHost(hostname)
  }

  #customHost(header: string | undefined): string | null {
    if (header !== this.#lastHost.header) this.#lastHost = { header, custom: this.#readHost(header ?? '') }
    return this.#lastHost.custom
  }

  #readHost(header: string): string | null {
    const hostname = readHost(header)?.hostname
    return hostname === undefined || hostname === this.publicHostname || isLocalOrAddress(hostname) ? null : hostname
  }
}

function serves(project: ProjectRecord): boolean {
  return project.enabled && !project.archived
}

function unarchived(project: ProjectRecord | null): ProjectRecord | null {
  return project === null || project.archived ? null : project
}

/** The project's own id under any type, or the platform's id for it under the type it was made with. */
function names(project: ProjectRecord, resource: { type: string; id: string }): boolean {
  if (parseId('proj', resource.id) === project.scope.projectId) return true
  return project.externalProjectId !== null && resource.type === project.resourceType && decoded(resource.id) === project.externalProjectId
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}
