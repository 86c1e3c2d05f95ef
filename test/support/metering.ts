import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import { createLogger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { EventRelay } from '../../apps/worker/metering/event-relay.js'
import { RollUp } from '../../apps/worker/metering/roll-up.js'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestDatabase } from './postgres.js'
import { connect } from './sql.js'

/** The worker's counting, one step at a time. */
export interface TestMetering {
  sql: PlatformSql
  relay: EventRelay
  rollUp: RollUp
  /** Everything that is committed now is handed on, and every counter is right. */
  settle(): Promise<void>
  close(): Promise<void>
}

export function meteringOf(database: TestDatabase, clock: Clock): TestMetering {
  const connectionString = database.roleUrl('portico_worker')
  const pool = new Database({ connectionString, poolSize: 2, applicationName: 'test-metering', statementTimeoutMs: 20_000 })
  const sql = new PlatformSql(pool)
  const relay = new EventRelay({ sql, clock, logger: createLogger({ service: 'worker', level: 'silent' }) })
  const rollUp = new RollUp(sql, clock)
  return {
    sql,
    relay,
    rollUp,
    settle: async () => {
      // A round that another reader is at hands nothing on.
      const owner = await connect(database.url)
      for (;;) {
        await relay.round()
        const [row] = await owner.query<{ waits: boolean }>(
          `select exists (select 1 from auth.audit_event where waiting union all select 1 from platform.audit_event where waiting) as waits`,
        )
        if (!row!.waits) break
        await sleep(20)
      }
      await owner.close()
      await rollUp.run()
    },
    close: () => pool.close(),
  }
}
