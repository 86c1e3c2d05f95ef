import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { countedUpTo, usageRows, type UsageCounts } from '../records/usage.store.js'
import { readUsageWindow, type UsageWindow } from './usage-window.js'

export interface UsageRow {
  projectId: string | null
  projectName: string | null
  startsAt: Date
  endsAt: Date
  interval: UsageWindow['interval']
  /** The period is over and everything of it is counted: the row will not change any more. */
  final: boolean
  activePeople: number
  signUps: number
  signUpsByMethod: Record<string, number>
  signIns: number
  signInsByMethod: Record<string, number>
  mails: { sent: number; skipped: number; notSent: number; dead: number }
  webhooks: { delivered: number; failed: number }
  hashMilliseconds: number
  storedPeople: number | null
  storedPeopleCountedAt: Date | null
}

export interface Usage {
  window: UsageWindow
  /** Up to when everything is counted. */
  asOf: Date | null
  rows: Page<UsageRow>
}

export interface UsageAsked {
  from?: Date | undefined
  to?: Date | undefined
  interval?: UsageWindow['interval'] | undefined
  groupBy?: 'project' | 'tenant' | undefined
  /** Of this project alone. */
  projectId?: string | undefined
}

const KINDS = ['user.signed_up', 'session.started', 'mail', 'webhook', 'hash.ms', 'active.day', 'active.month']
/** A period is final so long after its end: what began in it and was committed after it has been counted by then. */
const FINAL_AFTER_SECONDS = 900

/** What a tenant used, by project and day or month: each row is the same however often it is asked for, once it is final. */
export class ReadUsage {
  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
  ) {}

  async execute({ tenantId }: { tenantId: string }, asked: UsageAsked, page: PageRequest): Promise<Usage> {
    const window = readUsageWindow(asked, this.clock.now())
    // Read before the rows: they are at least as new as it says.
    const asOf = await countedUpTo(this.sql)
    const together = asked.groupBy === 'tenant'
    const query = { tenantId, projectId: asked.projectId ?? null, ...window, together, kinds: KINDS }
    const found = await usageRows(this.sql, query, page)
    const rows = found.map((row) => toRow(row, window.interval, asOf))
    const paged = together
      ? { items: rows, limit: rows.length, nextCursor: null }
      : toPage(rows, page, ({ startsAt, projectId }) => ({ at: startsAt, id: projectId! }))
    return { window, asOf, rows: paged }
  }
}

function toRow(counted: UsageCounts, interval: UsageWindow['interval'], asOf: Date | null): UsageRow {
  const { counts, projectId, projectName, startsAt, endsAt, people, peopleAt } = counted
  const of = (kind: string, detail = '') => counts[`${kind}:${detail}`] ?? 0
  const signUpsByMethod = byDetail(counts, 'user.signed_up')
  const signInsByMethod = byDetail(counts, 'session.started')
  return {
    projectId, projectName, startsAt, endsAt, interval,
    final: asOf !== null && asOf >= addSeconds(endsAt, FINAL_AFTER_SECONDS),
    activePeople: of(interval === 'day' ? 'active.day' : 'active.month'),
    signUps: sum(signUpsByMethod),
    signUpsByMethod,
    signIns: sum(signInsByMethod),
    signInsByMethod,
    mails: { sent: of('mail', 'sent'), skipped: of('mail', 'skipped'), notSent: of('mail', 'not_sent'), dead: of('mail', 'dead') },
    webhooks: { delivered: of('webhook', 'delivered'), failed: of('webhook', 'failed') },
    hashMilliseconds: of('hash.ms'),
    storedPeople: people,
    storedPeopleCountedAt: peopleAt,
  }
}

function byDetail(counts: UsageCounts['counts'], kind: string): Record<string, number> {
  const prefix = `${kind}:`
  const own = Object.entries(counts).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, count]) => [key.slice(prefix.length), count]))
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
