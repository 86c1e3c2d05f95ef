import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { mergeSettings, resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { ChangeAuth } from '../auth-service/change-auth.js'
import type { PreviewSettings, SettingsPreview } from '../auth-service/preview-settings.js'
import type { ReadAuth } from '../auth-service/read-auth.js'
import type { Caller } from '../caller.js'
import { noteConsole } from '../records/console.store.js'
import type { ConsoleProject } from './console-project.js'
import type { Owners } from './owners.js'

interface Ways {
  readAuth: ReadAuth
  changeAuth: ChangeAuth
  previewSettings: PreviewSettings
}

/** How the people of the console sign in: the settings of its project, which has no other door. Never so that no owner could. */
export class ConsoleSignIn {
  constructor(
    private readonly db: PlatformDb,
    private readonly project: ConsoleProject,
    private readonly owners: Owners,
    private readonly ways: Ways,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<ProjectSettings> {
    const { scope } = await this.project.record()
    return resolveSettings((await this.ways.readAuth.execute(scope)).service.settings)
  }

  async preview(change: SettingsOverrides, force: boolean): Promise<SettingsPreview> {
    const { scope } = await this.project.record()
    const preview = await this.ways.previewSettings.execute(scope, change, force)
    return (await this.#locksOut(change)) ? { ...preview, refused: new AuthError('console_lockout') } : preview
  }

  /** Throws `console_lockout` for settings with which no owner could sign in, whatever `force` says. */
  async change(caller: Caller, change: SettingsOverrides, force: boolean): Promise<ProjectSettings> {
    if (await this.#locksOut(change)) throw new AuthError('console_lockout')
    const before = await this.read()
    const { service } = await this.ways.changeAuth.execute(await this.project.record(), caller, change, force)
    const after = resolveSettings(service.settings)
    const changed = Object.keys(change).filter((name) => !same(before[name as keyof ProjectSettings], after[name as keyof ProjectSettings]))
    // Where its tenant reads: the audit log of the project itself is shown nowhere.
    if (changed.length > 0) await noteConsole(this.db, caller, 'console.sign_in_changed', { settings: changed }, this.clock.now())
    return after
  }

  /** Whether an owner who could sign in, or break the glass, no longer could. Where none can now there is nothing to lose. */
  async #locksOut(change: SettingsOverrides): Promise<boolean> {
    const { scope } = await this.project.record()
    const settings = resolveSettings(mergeSettings((await this.ways.readAuth.execute(scope)).service.settings, change))
    for (const breakGlassAlone of [false, true])
      if ((await this.owners.canSignIn({ breakGlassAlone })) && !(await this.owners.canSignIn({ breakGlassAlone, settings }))) return true
    return false
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
