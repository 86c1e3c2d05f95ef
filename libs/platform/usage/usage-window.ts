import { invalidField } from '@portico/kernel/auth-error'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'

export interface UsageWindow {
  /** The beginning of the first day or month of UTC. */
  from: Date
  /** Not included. */
  to: Date
  interval: 'day' | 'month'
}

/** Counters are kept for so long. */
const MOST_DAYS = 400

/** Without an end up to now; without a beginning since the first of the month, or of twelve months. */
export function readUsageWindow(
  asked: { from?: Date | undefined; to?: Date | undefined; interval?: UsageWindow['interval'] | undefined },
  now: Date,
): UsageWindow {
  const interval = asked.interval ?? 'day'
  const to = asked.to ?? now
  const beginning = asked.from ?? (interval === 'day' ? startOfMonth(to, 0) : startOfMonth(to, 11))
  if (beginning >= to) throw invalidField('from', 'after_end', 'This must be before `to`.')
  if (beginning < addSeconds(to, -MOST_DAYS * DAY_SECONDS)) throw invalidField('from', 'too_long', `At most ${MOST_DAYS} days at once.`)
  return { from: interval === 'day' ? startOfDay(beginning) : startOfMonth(beginning, 0), to, interval }
}

function startOfDay(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
}

function startOfMonth(at: Date, monthsBefore: number): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - monthsBefore, 1))
}
