import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { renewAttention, rollUpActive, rollUpMails, rollUpTotals, sweepCounts } from '@portico/platform/records/roll-up.store'

/** A day is counted again for so long after its end: a use on its last second may be committed a moment later. */
const AFTER_MIDNIGHT_SECONDS = 600
const PROJECTS_PER_STEP = 100
const MAX_STEPS = 20
/** Longer than a mail may take from its end to the commit that says so. */
const LATE_SECONDS = 120

/**
 * What is counted from tables and not from events: mails, active people, totals; and what needs attention. Each is counted anew and set, so
 * a run that was cut short, or that two workers make at once, changes nothing.
 */
export class RollUp {
  /** Mails that ended before are counted for good. The first run looks a day back, for a worker that was away. */
  #mailsSince: Date | null = null

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
  ) {}

  async run(isStopping: () => boolean = () => false): Promise<void> {
    const now = this.clock.now()
    await rollUpMails(this.sql, this.#mailsSince ?? addSeconds(now, -DAY_SECONDS))
    this.#mailsSince = addSeconds(now, -LATE_SECONDS)
    const days = new Set([addSeconds(now, -AFTER_MIDNIGHT_SECONDS), now].map((at) => at.toISOString().slice(0, 10)))
    for (const day of days) await rollUpActive(this.sql, day)
    for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
      if ((await rollUpTotals(this.sql, { now, limit: PROJECTS_PER_STEP })) < PROJECTS_PER_STEP) break
    }
    await renewAttention(this.sql, now)
  }

  /** Counters past their time. */
  sweep(): Promise<number> {
    return sweepCounts(this.sql, { now: this.clock.now(), limit: 5_000 })
  }
}
