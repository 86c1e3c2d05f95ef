import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { auditRetention, saveAuditRetention } from '../records/audit-retention.store.js'

/** For how many days audit rows of the tenant and its projects are kept; `null`: for ever. */
export class AuditRetention {
  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
  ) {}

  read({ tenantId }: Caller): Promise<number | null> {
    return auditRetention(this.sql, tenantId)
  }

  async set(caller: Caller, days: number | null): Promise<number | null> {
    await saveAuditRetention(this.sql, caller, days, this.clock.now())
    return days
  }
}
