import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { statsState, tenantAttention, tenantCounts, tenantTotals, type AttentionRow, type TenantTotals } from '../records/stats.store.js'
import { ACTIVE_KINDS, activeNow, type ActivePeople } from './active-people.js'
import { COUNTED_KINDS, figuresOf, type Figures } from './buckets.js'
import { readWindow, startOfMonth, type StatsQuery, type StatsWindow } from './stats-window.js'

/** What somebody should see to: of one project, or of the whole installation. */
export type Attention = AttentionRow | { projectId: null; projectName: null; kind: 'mail_not_configured'; detail: ''; since: null }

export interface TenantStats extends Figures {
  window: StatsWindow
  asOf: Date | null
  totals: TenantTotals & ActivePeople & { mailsWaiting: number }
  attention: Attention[]
}

const NOTHING: TenantTotals = { projects: 0, people: 0, confirmed: 0, countedAt: null }
const MOST_ATTENTION = 100

/** The same over all projects of the tenant, which are not looked at one by one. */
export class ReadTenantStats {
  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    private readonly emailConfigured: boolean,
  ) {}

  async execute({ tenantId }: Pick<Caller, 'tenantId'>, query: StatsQuery): Promise<TenantStats> {
    const now = this.clock.now()
    const window = readWindow(query, now)
    const [state, counts, active, totals, attention] = await Promise.all([
      statsState(this.sql, tenantId, null),
      tenantCounts(this.sql, tenantId, { ...window, kinds: COUNTED_KINDS }),
      tenantCounts(this.sql, tenantId, { from: startOfMonth(now), to: now, interval: 'day', kinds: ACTIVE_KINDS }),
      tenantTotals(this.sql, tenantId),
      tenantAttention(this.sql, tenantId, MOST_ATTENTION),
    ])
    return {
      window,
      asOf: state.completeAt,
      totals: { ...(totals ?? NOTHING), ...activeNow(active, now), mailsWaiting: state.mailsWaiting },
      attention: [...(this.emailConfigured ? [] : [NO_MAIL]), ...attention],
      ...figuresOf(window, counts),
    }
  }
}

const NO_MAIL: Attention = { projectId: null, projectName: null, kind: 'mail_not_configured', detail: '', since: null }
