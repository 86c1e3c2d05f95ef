import { addSeconds } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import type { InstanceRow } from '../records/instance.store.js'

export function instanceAnswer(projectId: string, latestEnvVersion: number, row: InstanceRow, now: Date) {
  return {
    id: formatId('inst', row.id),
    project_id: formatId('proj', projectId),
    name: row.name,
    metadata: row.metadata,
    reads: row.reads,
    env_version: row.envVersion,
    current: row.envVersion === latestEnvVersion,
    live: row.endedAt === null && row.lastSeenAt > addSeconds(now, -LIVE_SECONDS),
    booted_at: row.bootedAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
  }
}
