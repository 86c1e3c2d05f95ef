import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { EnableAuth } from '../auth-service/enable-auth.js'
import type { Caller } from '../caller.js'
import type { CreateProject } from '../projects/create-project.js'
import { insertDemoTenant } from '../records/console.store.js'
import { findProjectByExternalId } from '../records/project.store.js'
import { systemCaller } from './console-project.js'

const PROJECTS = ['Blue Bakery', 'Field Notes', 'Orbit Chess']
const PEOPLE = ['ada', 'grace', 'alan', 'katherine', 'edsger', 'barbara', 'donald', 'radia']
const INVITED = ['margaret', 'linus']
/** The first came that long ago, and the others one after the other. */
const HOURS = { first: 160, between: 19, betweenProjects: 3, untilNext: 20 }

export interface DemoPerson {
  email: string
  name: string
  /** By a provider; else an operator made the account. */
  social: boolean
  joinedAt: Date
  signIns: Date[]
}

/** What the demo does to the end users of a project. */
export interface DemoPeople {
  /** With a past: somebody who came then, and signed in at each of those times. */
  come(project: ProjectRecord, by: Caller, person: DemoPerson): Promise<void>
  invite(project: ProjectRecord, by: Caller, email: string): Promise<void>
}

/** Three projects that look lived in, in a tenant of their own. Once: what is there stays. */
export class FillDemo {
  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly createProject: CreateProject,
    private readonly enableAuth: EnableAuth,
    private readonly people: DemoPeople,
    private readonly settings: SettingsOverrides,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(): Promise<void> {
    const by = systemCaller(await insertDemoTenant(this.db, this.entropy.uuid(), this.clock.now()))
    for (const n of PROJECTS.keys()) await this.#fill(by, n)
  }

  async #fill(by: Caller, n: number): Promise<void> {
    const externalProjectId = `demo-${n + 1}`
    const id = await this.#make(by, PROJECTS[n]!, externalProjectId)
    const project = id === null ? null : await this.directory.resolveFresh(id)
    if (!project) return
    await this.enableAuth.execute(project, by, this.settings)
    const enabled = await this.directory.resolveFresh(project.scope.projectId)
    if (!enabled) return
    const domain = `${externalProjectId}.example`
    const now = this.clock.now()
    for (const [i, name] of PEOPLE.entries()) await this.people.come(enabled, by, personOf(i, n, `${name}@${domain}`, capital(name), now))
    for (const name of INVITED) await this.people.invite(enabled, by, `${name}@${domain}`)
  }

  /** `null`: it is there, or another process that starts beside this one makes it. */
  async #make(by: Caller, name: string, externalProjectId: string): Promise<string | null> {
    if (await findProjectByExternalId(this.db, by.tenantId, 'project', externalProjectId)) return null
    try {
      return (await this.createProject.execute(by, { name, externalProjectId })).id
    } catch (error) {
      if (error instanceof AuthError && error.code === 'conflict') return null
      throw error
    }
  }
}

/** The same person with the same habits at every start; only the present moves. */
function personOf(i: number, project: number, email: string, name: string, now: Date): DemoPerson {
  const ago = (hours: number): Date => addSeconds(now, -hours * HOUR_SECONDS)
  const joined = HOURS.first - i * HOURS.between - project * HOURS.betweenProjects
  const every = HOURS.untilNext + 7 * ((i + project) % 3)
  const times = Math.ceil(joined / every)
  const signIns = Array.from({ length: times }, (_, k) => ago(joined - k * every))
  return { email, name, social: i % 2 === 0, joinedAt: ago(joined), signIns }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
