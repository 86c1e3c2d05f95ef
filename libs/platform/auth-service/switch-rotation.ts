import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { lockService } from '../records/auth-service.store.js'
import { readRotation } from '../records/key-rotation.store.js'
import type { RotationPlan } from './rotation-plan.js'
import { trySwitch } from './staged-rotation.js'

/** The platform ends the waiting of a staged rotation: the next secret signs from now on. The plan names the instances to restart. */
export class SwitchRotation {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, caller: Caller): Promise<RotationPlan> {
    const now = this.clock.now()
    const plan = await this.db.transaction(scope, async (tx) => {
      const service = await lockService(tx)
      const rotation = await readRotation(tx)
      if (!rotation) throw new AuthError('not_found', { message: 'No rotation is open.' })
      return trySwitch(tx, service, rotation, doneBy(caller), now, true)
    })
    this.directory.invalidate(scope.projectId)
    return plan
  }
}
