import { formatId } from '@portico/kernel/ids'
import type { Usage, UsageRow } from '@portico/platform/usage/read-usage'

/** What each figure is worth: nothing is estimated without saying so. */
const EXACTNESS = {
  active_people: 'exact',
  sign_ups: 'exact',
  sign_ins: 'exact',
  mails: 'exact',
  webhooks: 'exact',
  hash_ms: 'at_least',
  stored_people: 'as_counted_at',
} as const

export function usageAnswer(tenantId: string, { window, asOf, rows }: Usage) {
  return {
    data: rows.items.map((row) => rowAnswer(tenantId, row)),
    page: { limit: rows.limit, next_cursor: rows.nextCursor },
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    interval: window.interval,
    as_of: asOf?.toISOString() ?? null,
    exactness: EXACTNESS,
  }
}

function rowAnswer(tenantId: string, row: UsageRow) {
  const period = row.startsAt.toISOString().slice(0, row.interval === 'day' ? 10 : 7)
  return {
    // The same at every export: a bill takes a row once.
    id: `usage_${row.projectId ?? tenantId}_${period}`,
    project_id: row.projectId === null ? null : formatId('proj', row.projectId),
    project_name: row.projectName,
    period,
    starts_at: row.startsAt.toISOString(),
    ends_at: row.endsAt.toISOString(),
    final: row.final,
    active_people: row.activePeople,
    sign_ups: row.signUps,
    sign_ups_by_method: row.signUpsByMethod,
    sign_ins: row.signIns,
    sign_ins_by_method: row.signInsByMethod,
    mails: { sent: row.mails.sent, skipped: row.mails.skipped, not_sent: row.mails.notSent, dead: row.mails.dead },
    webhooks: { delivered: row.webhooks.delivered, failed: row.webhooks.failed },
    hash_ms: row.hashMilliseconds,
    stored_people: row.storedPeople,
    stored_people_counted_at: row.storedPeopleCountedAt?.toISOString() ?? null,
  }
}
