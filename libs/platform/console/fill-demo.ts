import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { EnableAuth } from '../auth-service/enable-auth.js'
import type { Caller } from '../caller.js'
import type { CreateProject } from '../projects/create-project.js'
import { findProjectByExternalId } from '../records/project.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import { systemCaller } from './console-project.js'

const PROJECTS = ['Blue Bakery', 'Field Notes', 'Orbit Chess']
const PEOPLE = ['ada', 'grace', 'alan', 'katherine', 'edsger', 'barbara', 'donald', 'radia']
const INVITED = ['margaret', 'linus']

/** What the demo does to the end users of a project. */
export interface DemoPeople {
  create(project: ProjectRecord, by: Caller, email: string, name: string): Promise<void>
  invite(project: ProjectRecord, by: Caller, email: string): Promise<void>
}

/** Three projects that look lived in. Once: what is there stays. */
export class FillDemo {
  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly createProject: CreateProject,
    private readonly enableAuth: EnableAuth,
    private readonly people: DemoPeople,
    private readonly settings: SettingsOverrides,
  ) {}

  async execute(): Promise<void> {
    const tenantId = await homeTenantId(this.db)
    if (tenantId === null) return
    const by = systemCaller(tenantId)
    for (const [n, name] of PROJECTS.entries()) await this.#fill(by, name, `demo-${n + 1}`)
  }

  async #fill(by: Caller, name: string, externalProjectId: string): Promise<void> {
    if (await findProjectByExternalId(this.db, by.tenantId, 'project', externalProjectId)) return
    const { id } = await this.createProject.execute(by, { name, externalProjectId })
    const project = await this.directory.resolveFresh(id)
    if (!project) return
    await this.enableAuth.execute(project, by, this.settings)
    const enabled = await this.directory.resolveFresh(id)
    if (!enabled) return
    const domain = `${externalProjectId}.example`
    for (const person of PEOPLE) await this.people.create(enabled, by, `${person}@${domain}`, capital(person))
    for (const person of INVITED) await this.people.invite(enabled, by, `${person}@${domain}`)
  }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
