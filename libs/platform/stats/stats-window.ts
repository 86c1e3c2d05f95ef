import { invalidField } from '@portico/kernel/auth-error'
import { DAY_SECONDS, HOUR_SECONDS } from '@portico/kernel/duration'

export type StatsInterval = 'hour' | 'day'

export interface StatsQuery {
  from?: Date | undefined
  to?: Date | undefined
  interval?: StatsInterval | undefined
}

export interface StatsWindow {
  /** The beginning of the first hour or day of UTC. */
  from: Date
  /** Not included. */
  to: Date
  interval: StatsInterval
}

/** Most buckets of one answer: 31 days of hours, 400 days of days, for which counters are kept. */
const MOST = { hour: 31 * 24, day: 400 }
const DEFAULT = { hour: 24, day: 30 }
const LENGTH_MS = { hour: HOUR_SECONDS * 1000, day: DAY_SECONDS * 1000 }

/** Whole hours or days of UTC; without an end up to now, without a beginning the last 24 hours or 30 days. */
export function readWindow(asked: StatsQuery, now: Date): StatsWindow {
  const interval = asked.interval ?? 'hour'
  const length = LENGTH_MS[interval]
  const to = asked.to ?? now
  const from = asked.from ?? new Date(to.getTime() - (DEFAULT[interval] - 1) * length)
  if (from > to) throw invalidField('from', 'after_end', 'This must not be after `to`.')
  const first = Math.floor(from.getTime() / length) * length
  if (Math.ceil((to.getTime() - first) / length) > MOST[interval]) {
    throw invalidField('from', 'too_long', `At most ${MOST[interval]} ${interval}s at once.`)
  }
  return { from: new Date(first), to, interval }
}

export function bucketStarts({ from, to, interval }: StatsWindow): Date[] {
  const starts: Date[] = []
  for (let at = from.getTime(); at < to.getTime(); at += LENGTH_MS[interval]) starts.push(new Date(at))
  return starts
}

export function startOfDay(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
}

export function startOfMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))
}
