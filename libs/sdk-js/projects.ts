import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import { ProjectAuth } from './project-auth.js'
import type { CallOptions, Transport } from './transport.js'

export type Project = components['schemas']['Project']
export type CreateProject = components['schemas']['CreateProjectBody']
export type UpdateProject = components['schemas']['ChangeProjectBody']

export type ProjectQuery = Omit<components['schemas']['ListProjectsQuery'], NumberedPages | 'q'>

/** One project is one app. */
export class Projects {
  /** The managed auth service of a project. */
  readonly auth: ProjectAuth
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
    this.auth = new ProjectAuth(transport)
  }

  async create(project: CreateProject, options?: CallOptions): Promise<Project> {
    const { data } = await this.#transport.send<{ data: Project }>({ method: 'POST', path: ['projects'], body: project }, options)
    return data
  }

  list(query?: ProjectQuery, options?: CallOptions): Listing<Project> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects'], query }, options)
  }

  async get(projectId: string, options?: CallOptions): Promise<Project> {
    const { data } = await this.#transport.send<{ data: Project }>({ method: 'GET', path: ['projects', projectId] }, options)
    return data
  }

  async update(projectId: string, change: UpdateProject, options?: CallOptions): Promise<Project> {
    const { data } = await this.#transport.send<{ data: Project }>(
      { method: 'PATCH', path: ['projects', projectId], body: change },
      options,
    )
    return data
  }

  /** Stops the project's auth at once; the project stays readable, archived, for 30 days and is then purged. */
  async delete(projectId: string, options?: CallOptions): Promise<Project> {
    const { data } = await this.#transport.send<{ data: Project }>({ method: 'DELETE', path: ['projects', projectId] }, options)
    return data
  }
}
