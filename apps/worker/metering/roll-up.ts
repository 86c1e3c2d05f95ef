import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import {
  renewAttention,
  rolledUpAt,
  rollUpActive,
  rollUpMails,
  rollUpTotals,
  sweepCounts,
  watchLimits,
} from '@portico/platform/records/roll-up.store'

/** A day is counted again for so long after its end: a use on its last second may be committed a moment later. */
const AFTER_MIDNIGHT_SECONDS = 600
const PROJECTS_PER_STEP = 100
const MAX_STEPS = 20
/** Events that waited for long are of days long past; a worker that was away looks so far back when it starts. */
const FIRST_LOOK_BACK_DAYS = 7
const MOST_DAYS = 40
/** Longer than a mail may take from its end to the commit that says so. */
const LATE_SECONDS = 120

/**
 * What is counted from tables and not from events: mails, active people, totals; and what needs attention. Each is counted anew and set, so
 * a run that was cut short, or that two workers make at once, changes nothing.
 */
export class RollUp {
  /** Up to when events and tables had been counted when the run before began: what came since may be of a day before this one. */
  #before: Date | null = null

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
  ) {}

  async run(isStopping: () => boolean = () => false): Promise<void> {
    const now = this.clock.now()
    const { eventsAt, tablesAt } = await rolledUpAt(this.sql)
    const counted = new Date(Math.min(now.getTime(), (eventsAt ?? now).getTime(), (tablesAt ?? now).getTime()))
    const since = this.#before ?? addSeconds(counted, -FIRST_LOOK_BACK_DAYS * DAY_SECONDS)
    await rollUpMails(this.sql, addSeconds(since, -LATE_SECONDS))
    for (const day of daysBetween(addSeconds(since, -AFTER_MIDNIGHT_SECONDS), now)) await rollUpActive(this.sql, day)
    for (let step = 0; step < MAX_STEPS && !isStopping(); step += 1) {
      if ((await rollUpTotals(this.sql, { now, limit: PROJECTS_PER_STEP })) < PROJECTS_PER_STEP) break
    }
    await watchLimits(this.sql, now)
    await renewAttention(this.sql, now)
    this.#before = counted
  }

  /** Counters past their time. */
  sweep(): Promise<number> {
    return sweepCounts(this.sql, { now: this.clock.now(), limit: 5_000 })
  }
}

/** Days of UTC, the present one last. */
function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = []
  for (let at = to; days.length < MOST_DAYS; at = addSeconds(at, -DAY_SECONDS)) {
    days.unshift(at.toISOString().slice(0, 10))
    if (days[0]! <= from.toISOString().slice(0, 10)) break
  }
  return days
}
