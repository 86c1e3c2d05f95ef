import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { ChangeAuth } from '../auth-service/change-auth.js'
import type { EnableAuth } from '../auth-service/enable-auth.js'
import type { Caller } from '../caller.js'
import { insertConsole, readConsole, type ConsoleRow } from '../records/console.store.js'

/** What the service does by itself at its start. */
export function systemCaller(tenantId: string): Caller {
  return { tenantId, actor: { type: 'system', id: null }, permissions: new Set(), projects: null, ip: null, userAgent: null }
}

export interface ConsoleSettings {
  /** Given once; what an owner changes later stays. */
  first: SettingsOverrides
  /** Where the console and its sign-in page are: written again at every start. */
  places: SettingsOverrides
}

/** The one project whose end users are the people of the console. It belongs to a tenant that nobody is a member of and that has no key. */
export class ConsoleProject {
  #ids: { tenantId: string; projectId: string } | null = null

  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly enableAuth: EnableAuth,
    private readonly changeAuth: ChangeAuth,
    private readonly settings: ConsoleSettings,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** At every start: makes what is not there yet, and tells the project where the console is today. Several processes may do it at once. */
  async prepare(): Promise<void> {
    const now = this.clock.now()
    const row = await insertConsole(this.db, { tenantId: this.entropy.uuid(), projectId: this.entropy.uuid() }, now)
    this.#ids = row
    const record = await this.record()
    const by = systemCaller(row.tenantId)
    const { first, places } = this.settings
    if (record.firstEnabledAt === null) await this.enableAuth.execute(record, by, { ...first, ...places })
    else await this.changeAuth.execute(record, by, places, true)
  }

  async ids(): Promise<{ tenantId: string; projectId: string }> {
    this.#ids ??= await readConsole(this.db)
    if (this.#ids === null) throw new Error('the console has no project before `prepare`')
    return this.#ids
  }

  async row(): Promise<ConsoleRow> {
    const row = await readConsole(this.db)
    if (row === null) throw new Error('the console has no project before `prepare`')
    return row
  }

  async record(): Promise<ProjectRecord> {
    const { projectId } = await this.ids()
    const record = await this.directory.resolve(projectId)
    if (!record) throw new Error('the project of the console is gone')
    return record
  }
}
