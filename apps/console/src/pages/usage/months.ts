import type { TenantStats } from '@portico/sdk'

type Bucket = TenantStats['buckets'][number]

export interface Month {
  /** `2026-11`. */
  name: string
  signUps: number
  confirmed: number
  signIns: number
  failures: number
  mails: number
  mailsLost: number
  deleted: number
  /** The most on one day. */
  activeAtMost: number
}

export const COLUMNS: readonly (readonly [key: Exclude<keyof Month, 'name'>, title: string])[] = [
  ['activeAtMost', 'Most active on a day'],
  ['signUps', 'Sign-ups'],
  ['confirmed', 'Confirmed'],
  ['signIns', 'Sign-ins'],
  ['failures', 'Refused'],
  ['mails', 'Mail sent'],
  ['mailsLost', 'Not sent'],
  ['deleted', 'Deleted'],
]

/** Days added up, the newest month first. */
export function byMonth(buckets: readonly Bucket[]): Month[] {
  const months = new Map<string, Month>()
  for (const bucket of buckets) {
    const name = bucket.start.slice(0, 7)
    const month = months.get(name) ?? nothingIn(name)
    month.signUps += bucket.signUps
    month.confirmed += bucket.confirmed
    month.signIns += bucket.signIns
    month.failures += bucket.failures
    month.mails += bucket.mails.sent
    month.mailsLost += bucket.mails.dead + bucket.mails.notSent
    month.deleted += bucket.deleted
    month.activeAtMost = Math.max(month.activeAtMost, bucket.activePeople ?? 0)
    months.set(name, month)
  }
  return [...months.values()].toSorted((a, b) => b.name.localeCompare(a.name))
}

const nothingIn = (name: string): Month => ({
  name,
  signUps: 0,
  confirmed: 0,
  signIns: 0,
  failures: 0,
  mails: 0,
  mailsLost: 0,
  deleted: 0,
  activeAtMost: 0,
})

export const asCsv = (months: readonly Month[]): string =>
  [['month', ...COLUMNS.map(([key]) => key)], ...months.map((month) => [month.name, ...COLUMNS.map(([key]) => month[key])])]
    .map((row) => row.join(','))
    .join('\n')
    .concat('\n')
