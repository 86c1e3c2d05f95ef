import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { AdvanceRotation } from '../auth-service/advance-rotation.js'
import { HEARTBEAT_SECONDS } from '../records/heartbeat.js'
import { heartbeatInstance } from '../records/instance.store.js'

export interface Heartbeat {
  id: string
  envVersion: number
  latestEnvVersion: number
  lastSeenAt: Date
  heartbeatSeconds: number
}

/** «I am still running», and perhaps what it reads. Tells the instance whether a restart would give it another environment. */
export class RecordHeartbeat {
  constructor(
    private readonly db: ProjectDb,
    private readonly advance: AdvanceRotation,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, instanceId: string, reads: readonly string[] | undefined): Promise<Heartbeat> {
    const now = this.clock.now()
    const heard = await heartbeatInstance(this.db, scope, { id: instanceId, reads: reads ?? null }, now)
    if (!heard) throw new AuthError('not_found')
    const plan = heard.rotationOpen ? await this.advance.execute(scope) : null
    // A switch is one more version: the instance that let it happen hears of it with this very answer.
    const latestEnvVersion = heard.latestEnvVersion + (plan?.state === 'done' ? 1 : 0)
    return { id: instanceId, envVersion: heard.envVersion, latestEnvVersion, lastSeenAt: now, heartbeatSeconds: HEARTBEAT_SECONDS }
  }
}
