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

/** «I am still running». Tells the instance whether a restart would give it another environment. */
export class RecordHeartbeat {
  constructor(
    private readonly db: ProjectDb,
    private readonly advance: AdvanceRotation,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, instanceId: string) {
    const now = this.clock.now()
    const [row] = await this.db.call<HeartbeatRow>(scope, {
      name: 'heartbeat_instance',
      text: 'select env_version, latest_env_version, rotation_open from auth.heartbeat_instance($1, $2, $3)',
      values: [instanceId, now],
    })
    if (!row) throw new AuthError('not_found')
    if (row.rotation_open) await this.advance.execute(scope)
    return {
      id: formatId('inst', instanceId),
      env_version: row.env_version,
      latest_env_version: row.latest_env_version,
      current: row.env_version === row.latest_env_version,
      last_seen_at: now.toISOString(),
      heartbeat_seconds: HEARTBEAT_SECONDS,
    }
  }
}
