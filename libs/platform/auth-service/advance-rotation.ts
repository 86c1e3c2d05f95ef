import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { DONE_BY_SYSTEM } from '../audit-actor.js'
import { lockService } from '../records/auth-service.store.js'
import { readRotation } from '../records/key-rotation.store.js'
import type { RotationPlan } from './rotation-plan.js'
import { trySwitch } from './staged-rotation.js'

/**
 * Lets an open staged rotation switch if it may. Called at boots, heartbeats and instance ends, when the plan is read,
 * and by the worker for every project in `auth.open_rotations()`, so that a deadline passes without any of those.
 */
export class AdvanceRotation {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** The plan as it stands now, or `null` when no rotation is open. */
  execute(scope: ProjectScope): Promise<RotationPlan | null> {
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const service = await lockService(tx)
      const rotation = await readRotation(tx)
      return rotation ? trySwitch(tx, service, rotation, DONE_BY_SYSTEM, now) : null
    })
  }
}
