import { formatId } from '@portico/kernel/ids'
import type { Figures, StatsBucket } from '@portico/platform/stats/buckets'
import type { ProjectStats } from '@portico/platform/stats/read-project-stats'
import type { Attention, TenantStats } from '@portico/platform/stats/read-tenant-stats'
import type { StatsWindow } from '@portico/platform/stats/stats-window'

export function projectStatsAnswer(projectId: string, { window, asOf, totals, ...figures }: ProjectStats) {
  return {
    project_id: formatId('proj', projectId),
    ...windowAnswer(window, asOf),
    totals: {
      people: totals.people,
      confirmed: totals.confirmed,
      disabled: totals.disabled,
      open_sessions: totals.openSessions,
      active_today: totals.activeToday,
      active_this_month: totals.activeThisMonth,
      mails_waiting: totals.mailsWaiting,
      counted_at: totals.countedAt?.toISOString() ?? null,
    },
    ...figuresAnswer(figures),
  }
}

export function tenantStatsAnswer({ window, asOf, totals, attention, ...figures }: TenantStats) {
  return {
    ...windowAnswer(window, asOf),
    totals: {
      projects: totals.projects,
      people: totals.people,
      confirmed: totals.confirmed,
      active_today: totals.activeToday,
      active_this_month: totals.activeThisMonth,
      mails_waiting: totals.mailsWaiting,
      counted_at: totals.countedAt?.toISOString() ?? null,
    },
    attention: attention.map(attentionAnswer),
    ...figuresAnswer(figures),
  }
}

function windowAnswer({ from, to, interval }: StatsWindow, asOf: Date | null) {
  return { from: from.toISOString(), to: to.toISOString(), interval, as_of: asOf?.toISOString() ?? null }
}

function figuresAnswer({ buckets, funnel }: Figures) {
  return {
    funnel: { signed_up: funnel.signedUp, confirmed: funnel.confirmed, signed_in: funnel.signedIn },
    buckets: buckets.map(bucketAnswer),
  }
}

function bucketAnswer(bucket: StatsBucket) {
  return {
    start: bucket.start.toISOString(),
    sign_ups: bucket.signUps,
    sign_ups_by_method: bucket.signUpsByMethod,
    created: bucket.created,
    invited: bucket.invited,
    deleted: bucket.deleted,
    confirmed: bucket.confirmed,
    sign_ins: bucket.signIns,
    sign_ins_by_method: bucket.signInsByMethod,
    failures: bucket.failures,
    failures_by_reason: bucket.failuresByReason,
    sessions_ended: bucket.sessionsEnded,
    reuse_detected: bucket.reuseDetected,
    mails: { sent: bucket.mails.sent, skipped: bucket.mails.skipped, not_sent: bucket.mails.notSent, dead: bucket.mails.dead },
    active_people: bucket.activePeople,
  }
}

function attentionAnswer({ kind, detail, projectId, projectName, since }: Attention) {
  return {
    kind,
    detail: detail === '' ? null : detail,
    project_id: projectId === null ? null : formatId('proj', projectId),
    project_name: projectName,
    since: since?.toISOString() ?? null,
  }
}
