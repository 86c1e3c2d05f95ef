import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { tracing } from '@portico/kernel/tracing'
import { toEndUser, type EndUser, type EndUserRow } from './end-user.js'
import type { Caller } from '../caller.js'
import { toActiveOrganization, type ActiveOrganization, type OrganizationClaimsRow } from './organization.js'
import type { OfferedFactor } from './factors.view.js'
import { sessionRow, storedUserAgent, type SessionDraft } from './session-draft.js'

/** A session as the database sees it now: not ended, within its lifetimes, its user neither disabled nor gone. */
export interface LiveSession {
  id: string
  createdAt: Date
  lastUsedAt: Date
  /** Absolute end; `null`: none. */
  expiresAt: Date | null
  authTime: Date
  amr: string[]
  user: EndUser
  /** What the user is, now, in the organization that was asked about; `null`: none was, or they do not belong to it. */
  organization: ActiveOrganization | null
}

export type EndReason =
  | 'logout'
  | 'ended_by_user'
  | 'ended_by_administrator'
  | 'password_changed'
  | 'password_reset'
  | 'email_changed'
  | 'email_change_undone'
  | 'address_proven'
  | 'account_recovered'
  | 'factors_reset'
  | 'user_disabled'
  | 'evicted'
  | 'identity_unlinked'
  | 'refused_by_app'
  | 'sso_logout'

export type StartOutcome =
  | { outcome: 'ok'; user: EndUser; newDevice: boolean }
  | { outcome: 'stale' | 'session_limit' | 'sso_required' }
  | { outcome: 'mfa_required' | 'mfa_enrolment_required'; factors: OfferedFactor[] }

/** The end of every way in; see `auth.start_session` for the outcomes. */
export async function startSession(
  db: ProjectDb,
  project: ProjectRecord,
  input: { userId: string; checkedHash: string | null; newHash: string | null; draft: SessionDraft },
): Promise<StartOutcome> {
  const [row] = await db.call<StartRow>(project.scope, {
    name: 'start_session',
    text: 'select outcome, end_user, factors, new_device from auth.start_session($1, $2, $3, $4, $5)',
    values: [input.userId, input.checkedHash, input.newHash, sessionRow(project, input.draft)],
  })
  // The project's limit of sessions may have ended an older one.
  if (project.settings.max_active_sessions !== null) db.userChanged(project.scope, input.userId, input.draft.startedAt)
  return startOutcome(row)
}

/** The same within a transaction that has finished what else the sign-in needs. */
export async function startSessionWithin(
  tx: ProjectTx,
  project: ProjectRecord,
  input: { userId: string; draft: SessionDraft },
): Promise<StartOutcome> {
  const [row] = await tx.query<StartRow>({
    name: 'start_session_within',
    text: 'select outcome, end_user, factors, new_device from auth.start_session($1, $2, null, null, $3)',
    values: [project.scope.projectId, input.userId, sessionRow(project, input.draft)],
  })
  if (project.settings.max_active_sessions !== null) tx.userChanged(input.userId, input.draft.startedAt)
  return startOutcome(row)
}

interface StartRow {
  outcome: StartOutcome['outcome']
  end_user: EndUserRow
  new_device: boolean
  factors: { id: string; type: OfferedFactor['type']; friendly_name: string | null }[]
}

function startOutcome(row: StartRow | undefined): StartOutcome {
  if (!row) throw new Error('auth.start_session answered nothing')
  const { outcome } = row
  if (outcome === 'ok') return { outcome, user: toEndUser(row.end_user), newDevice: row.new_device }
  if (outcome === 'stale' || outcome === 'session_limit' || outcome === 'sso_required') return { outcome }
  return { outcome, factors: row.factors.map(({ id, type, friendly_name: friendlyName }) => ({ id, type, friendlyName })) }
}

/** The session if it is live, in one trip; also notes (at most once a minute) that it was used. */
export async function findLiveSession(
  db: ProjectDb,
  project: ProjectRecord,
  sessionId: string,
  now: Date,
  organizationId: string | null = null,
): Promise<LiveSession | null> {
  const [row] = await db.call<{
    session_id: string
    session_created_at: Date
    last_used_at: Date
    expires_at: Date | null
    auth_time: Date
    amr: string[]
    end_user: EndUserRow
    organization: OrganizationClaimsRow | null
  }>(project.scope, {
    name: 'live_session',
    text: `select session_id, session_created_at, last_used_at, expires_at, auth_time, amr, end_user, organization
      from auth.live_session($1, $2, $3, $4, $5)`,
    values: [sessionId, now, project.settings.session_idle_seconds, organizationId],
  })
  if (!row) return null
  return {
    id: row.session_id,
    createdAt: row.session_created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    authTime: row.auth_time,
    amr: row.amr,
    user: toEndUser(row.end_user),
    organization: toActiveOrganization(row.organization),
  }
}

export type RotationResult =
  | {
      outcome: 'rotated' | 'replayed'
      generation: number
      authTime: Date
      amr: string[]
      expiresAt: Date | null
      user: EndUser
      organization: ActiveOrganization | null
    }
  | { outcome: 'reused' | 'ended' }

/** One step of the refresh family; see `auth.rotate_session` for the outcomes. `generation` of the answer is the child's. */
export async function rotateSession(
  db: ProjectDb,
  project: ProjectRecord,
  input: { sessionId: string; generation: number; now: Date; caller: Caller },
): Promise<RotationResult> {
  const { settings } = project
  const [row] = await db.call<{
    outcome: 'rotated' | 'replayed' | 'reused' | 'ended'
    child: number
    auth_time: Date
    amr: string[]
    expires_at: Date | null
    end_user: EndUserRow
    organization: OrganizationClaimsRow | null
  }>(project.scope, {
    name: 'rotate_session',
    text: `select outcome, child, auth_time, amr, expires_at, end_user, organization
      from auth.rotate_session($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [input.sessionId, input.generation, input.now, settings.refresh_grace_seconds, settings.session_idle_seconds,
      input.caller.ip, storedUserAgent(input.caller), tracing()?.traceparent() ?? null],
  })
  if (!row) throw new Error('auth.rotate_session answered nothing')
  const { outcome } = row
  if (outcome === 'reused') db.userChanged(project.scope, row.end_user.id, input.now)
  if (outcome !== 'rotated' && outcome !== 'replayed') return { outcome }
  const { child: generation, auth_time: authTime, amr, expires_at: expiresAt } = row
  const organization = toActiveOrganization(row.organization)
  return { outcome, generation, authTime, amr, expiresAt, user: toEndUser(row.end_user), organization }
}

/** Notes a second factor in a live session. `null`: it has ended. */
export async function raiseSession(
  tx: ProjectTx,
  input: { sessionId: string; amr: readonly string[]; now: Date },
): Promise<{ amr: string[] } | null> {
  const [row] = await tx.query<{ amr: string[] }>({
    name: 'session_raise',
    text: `update auth.session s set factor_verified_at = $3, auth_time = $3,
        amr = s.amr || array(select value from unnest($2::text[]) with ordinality as given (value, place) where value <> all (s.amr) order by place)
      where s.project_id = auth.current_project_id() and s.id = $1 and s.ended_at is null returning s.amr`,
    values: [input.sessionId, input.amr, input.now],
  })
  return row ?? null
}

/** Ends one session of the user; false when there was nothing to end. */
export async function endSession(
  tx: ProjectTx,
  input: { sessionId: string; userId: string; reason: EndReason; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'session_end',
    text: `update auth.session set ended_at = $3, end_reason = $4
      where project_id = auth.current_project_id() and id = $1 and end_user_id = $2 and ended_at is null returning id`,
    values: [input.sessionId, input.userId, input.now, input.reason],
  })
  tx.userChanged(input.userId, input.now)
  return rows.length > 0
}

/** Ends every session of the user but `except`, and but those that began with the proof `exceptAmr` (RFC 8176); answers how many ended. */
export async function endSessions(
  tx: ProjectTx,
  input: { userId: string; except: string | null; exceptAmr?: string | null; reason: EndReason; now: Date },
): Promise<number> {
  const rows = await tx.query({
    name: 'session_end_all',
    text: `update auth.session set ended_at = $3, end_reason = $4
      where project_id = auth.current_project_id() and end_user_id = $1 and ended_at is null and ($2::uuid is null or id <> $2)
        and ($5::text is null or $5 <> all (amr)) returning id`,
    values: [input.userId, input.except, input.now, input.reason, input.exceptAmr ?? null],
  })
  tx.userChanged(input.userId, input.now)
  return rows.length
}
