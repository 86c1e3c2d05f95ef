import { addSeconds } from '@portico/kernel/duration'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import type { InstanceRow } from '../records/instance.store.js'

/** A runtime instance as its operator sees it. */
export interface Instance extends InstanceRow {
  projectId: string
  /** A restart would give it the environment that it has. */
  current: boolean
  /** Not ended, and heard of lately. */
  live: boolean
}

export function asInstance(projectId: string, latestEnvVersion: number, row: InstanceRow, now: Date): Instance {
  const live = row.endedAt === null && row.lastSeenAt > addSeconds(now, -LIVE_SECONDS)
  return { ...row, projectId, current: row.envVersion === latestEnvVersion, live }
}
