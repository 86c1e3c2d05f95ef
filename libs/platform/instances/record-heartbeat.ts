import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import type { AdvanceRotation } from '../auth-service/advance-rotation.js'
import { HEARTBEAT_SECONDS } from '../records/heartbeat.js'

interface HeartbeatRow {
  env_version: number
  latest_env_version: number
  rotation_open: boolean
}

/** «I am still running», and perhaps what it reads. Tells the instance whether a restart would give it another environment. */
export class RecordHeartbeat {
  constructor(
    private readonly db: ProjectDb,
    private readonly advance: AdvanceRotation,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, instanceId: string, reads: readonly string[] | undefined) {
    const now = this.clock.now()
    const [row] = await this.db.call<HeartbeatRow>(scope, {
      name: 'heartbeat_instance',
      text: 'select env_version, latest_env_version, rotation_open from auth.heartbeat_instance($1, $2, $3, $4)',
      values: [instanceId, now, reads ?? null],
    })
    if (!row) throw new AuthError('not_found')
    const plan = row.rotation_open ? await this.advance.execute(scope) : null
    // A switch is one more version: the instance that let it happen hears of it with this very answer.
    const latest = row.latest_env_version + (plan?.state === 'done' ? 1 : 0)
    return {
      id: formatId('inst', instanceId),
      env_version: row.env_version,
      latest_env_version: latest,
      current: row.env_version === latest,
      last_seen_at: now.toISOString(),
      heartbeat_seconds: HEARTBEAT_SECONDS,
    }
  }
}
