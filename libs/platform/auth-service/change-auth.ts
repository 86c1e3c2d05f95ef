import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { mergeSettings, resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { authService, type AuthService } from './auth-service.js'
import { lockService, saveService } from '../records/auth-service.store.js'
import { applySettings } from './change-settings.js'
import type { KeyMint } from './mint-key.js'
import { trySwitch } from './staged-rotation.js'

/** Changes settings; a new `token_algorithm` is a staged rotation. */
export class ChangeAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly mint: KeyMint,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async execute(project: ProjectRecord, caller: Caller, change: SettingsOverrides, force = false): Promise<AuthService> {
    const { scope } = project
    const now = this.clock.now()
    const algorithm = resolveSettings(mergeSettings(project.overrides, change)).token_algorithm
    const minted =
      algorithm === project.settings.token_algorithm
        ? []
        : [await this.mint.mint(scope.projectId, algorithm), await this.mint.mint(scope.projectId, algorithm)]
    const changed = await this.db.transaction(scope, async (tx) => {
      let service = await lockService(tx)
      if (service.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
      const applied = await applySettings(tx, service, change, minted, now, force)
      if (applied.changed.length > 0) {
        service = await saveService(tx, { ...service, settings: applied.settings }, applied.envChanged, now)
        const metadata = {
          settings: applied.changed,
          ...(applied.stranded > 0 && { peopleStranded: applied.stranded }),
          ...(applied.rotation && { fromKid: applied.rotation.fromKid, toKid: applied.rotation.toKid }),
        }
        await recordAudit(
          tx,
          {
            ...doneBy(caller),
            action: 'auth.settings_changed',
            resource: 'project',
            resourceId: formatId('proj', scope.projectId),
            metadata,
          },
          now,
        )
        if (applied.rotation) await trySwitch(tx, service, applied.rotation, doneBy(caller), now)
      }
      return authService(tx, this.dataPlanePublicUrl, service, now)
    })
    this.directory.invalidate(scope.projectId)
    return changed
  }
}
