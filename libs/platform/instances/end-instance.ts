import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { AdvanceRotation } from '../auth-service/advance-rotation.js'
import { readService } from '../records/auth-service.store.js'
import { readRotation } from '../records/key-rotation.store.js'
import { asInstance, type Instance } from './instance.js'
import { endInstance } from '../records/instance.store.js'

/** The instance has stopped: no rotation waits for it any more. */
export class EndInstance {
  constructor(
    private readonly db: ProjectDb,
    private readonly advance: AdvanceRotation,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, instanceId: string): Promise<Instance> {
    const now = this.clock.now()
    const ended = await this.db.transaction(scope, async (tx) => {
      const row = await endInstance(tx, instanceId, now)
      if (!row) throw new AuthError('not_found')
      const { envVersion } = await readService(tx)
      return { instance: asInstance(scope.projectId, envVersion, row, now), rotationOpen: (await readRotation(tx)) !== null }
    })
    if (ended.rotationOpen) await this.advance.execute(scope)
    return ended.instance
  }
}
