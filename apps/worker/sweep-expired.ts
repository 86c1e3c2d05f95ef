import type { PlatformSql } from '@portico/database/platform-sql'
import { sweepDirectories, sweepExpired, sweepFactors, sweepSignIn } from '@portico/database/sweep'
import type { Clock } from '@portico/kernel/clock'

const ROWS_PER_STEP = 1_000
// A long backlog is worked off over several runs, so that it never holds the database for long.
const MAX_STEPS = 50

/** Deletes what has expired, in small steps; answers how many rows went. Several workers may run it at once. */
export async function sweepAll(sql: PlatformSql, clock: Clock, isStopping: () => boolean): Promise<number> {
  let total = 0
  for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
    const round = { now: clock.now(), limit: ROWS_PER_STEP }
    let gone = 0
    for (const sweep of [sweepExpired, sweepSignIn, sweepFactors, sweepDirectories]) gone += await sweep(sql, round)
    total += gone
    if (gone === 0) break
  }
  return total
}
