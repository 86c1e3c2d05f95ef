import type { CountRow } from '../records/stats.store.js'
import { bucketStarts, type StatsWindow } from './stats-window.js'

/** The counters that the figures below are made of; actions of the event catalogue, and what the worker counts by itself. */
const OF_BUCKETS = [
  'user.signed_up', 'user.created', 'user.invited', 'user.deleted', 'user.email_confirmed', 'session.started', 'session.ended',
  'session.reuse_detected', 'sign_in.refused', 'factor.code_refused', 'mail', 'active.day',
] as const
const OF_FUNNEL = ['cohort.joined', 'cohort.confirmed', 'cohort.signed_in'] as const
export const COUNTED_KINDS: readonly string[] = [...OF_BUCKETS, ...OF_FUNNEL]

export interface StatsBucket {
  start: Date
  signUps: number
  signUpsByMethod: Record<string, number>
  created: number
  invited: number
  deleted: number
  confirmed: number
  signIns: number
  signInsByMethod: Record<string, number>
  failures: number
  failuresByReason: Record<string, number>
  sessionsEnded: number
  reuseDetected: number
  mails: { sent: number; skipped: number; notSent: number; dead: number }
  /** Of a whole day; an hour has none. */
  activePeople: number | null
}

/** Of those who joined in the window: how many proved their address, and signed in, until now. */
export interface Funnel {
  signedUp: number
  confirmed: number
  signedIn: number
}

export interface Figures {
  buckets: StatsBucket[]
  funnel: Funnel
}

/** One bucket for every hour or day, also where nothing happened. */
export function figuresOf(window: StatsWindow, counts: readonly CountRow[]): Figures {
  const buckets = new Map(bucketStarts(window).map((start) => [start.getTime(), emptyBucket(start, window)]))
  const funnel: Funnel = { signedUp: 0, confirmed: 0, signedIn: 0 }
  for (const row of counts) {
    const bucket = buckets.get(row.start.getTime())
    if (bucket) add(bucket, row, funnel)
  }
  return { buckets: [...buckets.values()], funnel }
}

function emptyBucket(start: Date, { interval }: StatsWindow): StatsBucket {
  return {
    start, signUps: 0, signUpsByMethod: {}, created: 0, invited: 0, deleted: 0, confirmed: 0, signIns: 0, signInsByMethod: {}, failures: 0,
    failuresByReason: {}, sessionsEnded: 0, reuseDetected: 0, mails: { sent: 0, skipped: 0, notSent: 0, dead: 0 },
    activePeople: interval === 'day' ? 0 : null,
  }
}

type SimpleFigure = 'created' | 'invited' | 'deleted' | 'confirmed' | 'sessionsEnded' | 'reuseDetected'
const SIMPLE: Readonly<Record<string, SimpleFigure>> = {
  'user.created': 'created',
  'user.invited': 'invited',
  'user.deleted': 'deleted',
  'user.email_confirmed': 'confirmed',
  'session.ended': 'sessionsEnded',
  'session.reuse_detected': 'reuseDetected',
}
type SplitFigure = ['signUps', 'signUpsByMethod'] | ['signIns', 'signInsByMethod'] | ['failures', 'failuresByReason']
const SPLIT: Readonly<Record<string, SplitFigure>> = {
  'user.signed_up': ['signUps', 'signUpsByMethod'],
  'session.started': ['signIns', 'signInsByMethod'],
  'sign_in.refused': ['failures', 'failuresByReason'],
  'factor.code_refused': ['failures', 'failuresByReason'],
}
const OF_FUNNEL_KIND: Readonly<Record<string, keyof Funnel>> = {
  'cohort.joined': 'signedUp',
  'cohort.confirmed': 'confirmed',
  'cohort.signed_in': 'signedIn',
}
// What is still on its way is no end of a mail; states that a provider reports later count as sent.
const MAIL_STATES: Readonly<Record<string, keyof StatsBucket['mails']>> = {
  sent: 'sent',
  skipped: 'skipped',
  not_sent: 'notSent',
  dead: 'dead',
}

function add(bucket: StatsBucket, { kind, detail, count }: CountRow, funnel: Funnel): void {
  const simple = SIMPLE[kind]
  const split = SPLIT[kind]
  const step = OF_FUNNEL_KIND[kind]
  if (simple) bucket[simple] += count
  if (step) funnel[step] += count
  if (split) {
    const [sum, parts] = split
    bucket[sum] += count
    bucket[parts][detail] = (bucket[parts][detail] ?? 0) + count
  }
  if (kind === 'mail') bucket.mails[MAIL_STATES[detail] ?? 'sent'] += count
  if (kind === 'active.day' && bucket.activePeople !== null) bucket.activePeople += count
}
