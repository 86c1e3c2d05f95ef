import type { CountRow } from '../records/stats.store.js'
import { startOfDay } from './stats-window.js'

/** People who used a session on the present day, and in the present month, of UTC. */
export interface ActivePeople {
  activeToday: number
  activeThisMonth: number
}

export const ACTIVE_KINDS = ['active.day', 'active.month']

/** @param counts of `ACTIVE_KINDS` by day, since the beginning of the month */
export function activeNow(counts: readonly CountRow[], now: Date): ActivePeople {
  const today = startOfDay(now).getTime()
  let activeToday = 0
  let activeThisMonth = 0
  for (const { kind, start, count } of counts) {
    if (kind === 'active.month') activeThisMonth += count
    else if (start.getTime() === today) activeToday += count
  }
  return { activeToday, activeThisMonth }
}
