import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { projectCounts, projectTotals, statsState, type ProjectTotals } from '../records/stats.store.js'
import { ACTIVE_KINDS, activeNow, type ActivePeople } from './active-people.js'
import { COUNTED_KINDS, figuresOf, type Figures } from './buckets.js'
import { readWindow, startOfMonth, type StatsQuery, type StatsWindow } from './stats-window.js'

export interface ProjectStats extends Figures {
  window: StatsWindow
  /** Every event until then is in the figures. `null`: no worker has counted yet. */
  asOf: Date | null
  totals: ProjectTotals & ActivePeople & { mailsWaiting: number }
}

const NOTHING: ProjectTotals = { people: 0, confirmed: 0, disabled: 0, openSessions: 0, countedAt: null }

/** From counters that the worker keeps: it costs the same whatever the project has been through. */
export class ReadProjectStats {
  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, query: StatsQuery): Promise<ProjectStats> {
    const now = this.clock.now()
    const window = readWindow(query, now)
    const state = await statsState(this.sql, scope.tenantId, scope.projectId)
    const { counts, active, totals } = await this.db.transaction(scope, async (tx) => ({
      counts: await projectCounts(tx, { ...window, kinds: COUNTED_KINDS }),
      active: await projectCounts(tx, { from: startOfMonth(now), to: now, interval: 'day', kinds: ACTIVE_KINDS }),
      totals: await projectTotals(tx),
    }))
    return {
      window,
      asOf: state.completeAt,
      totals: { ...(totals ?? NOTHING), ...activeNow(active, now), mailsWaiting: state.mailsWaiting },
      ...figuresOf(window, counts),
    }
  }
}
