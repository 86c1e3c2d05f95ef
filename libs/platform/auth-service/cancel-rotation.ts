import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { mergeSettings, settingChange } from '@portico/kernel/settings/read-settings'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { lockService, saveService } from '../records/auth-service.store.js'
import { deleteRotation, readRotation } from '../records/key-rotation.store.js'
import { deleteKey, listKeys } from '../records/signing-key.store.js'

/** Drops what the rotation minted; the old current and standby stay as they were. */
export class CancelRotation {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, caller: Caller): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      const service = await lockService(tx)
      const rotation = await readRotation(tx)
      if (!rotation) throw new AuthError('not_found', { message: 'No rotation is open.' })
      const keys = await listKeys(tx)
      const from = keys.find((key) => key.kid === rotation.fromKid)
      const to = keys.find((key) => key.kid === rotation.toKid)
      await deleteRotation(tx)
      await deleteKey(tx, rotation.newStandbyKid)
      let settings = service.settings
      if (from && to && to.alg !== from.alg) {
        // A change of algorithm: its first key was minted too, and the setting goes back.
        await deleteKey(tx, to.kid)
        settings = mergeSettings(settings, settingChange('token_algorithm', from.alg === 'HS256' ? null : from.alg))
      }
      await saveService(tx, { ...service, settings }, to?.alg !== from?.alg, now)
      const metadata = { fromKid: rotation.fromKid, toKid: rotation.toKid }
      await recordAudit(
        tx,
        {
          ...doneBy(caller),
          action: 'auth.rotation_cancelled',
          resource: 'project',
          resourceId: formatId('proj', scope.projectId),
          metadata,
        },
        now,
      )
    })
    this.directory.invalidate(scope.projectId)
  }
}
