import type { PlatformSql } from '@portico/database/platform-sql'
import { createLogger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { ReplayLoop } from '../../apps/worker/webhooks/replay-loop.js'

export function replayLoop(sql: PlatformSql, clock: Clock): ReplayLoop {
  return new ReplayLoop({ sql, clock, logger: createLogger({ service: 'worker', level: 'silent' }) })
}

/** As far as they go now. */
export async function runReplays(sql: PlatformSql, clock: Clock): Promise<void> {
  const loop = replayLoop(sql, clock)
  while (await loop.round());
}
