import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { addSeconds } from '@portico/kernel/duration'
import type { Caller } from '../caller.js'
import { storedUserAgent } from './session-draft.js'

export interface ListedSession {
  id: string
  createdAt: Date
  lastUsedAt: Date
  ip: string | null
  userAgent: string | null
  amr: string[]
}

/** The user's live sessions, the most recently used first. */
export async function listLiveSessions(
  db: ProjectDb,
  project: ProjectRecord,
  userId: string,
  idleSince: Date,
  now: Date,
): Promise<ListedSession[]> {
  const rows = await db.read<{
    id: string
    created_at: Date
    last_used_at: Date
    ip: string | null
    user_agent: string | null
    amr: string[]
  }>(project.scope, {
    name: 'session_list_live',
    text: `select id, created_at, last_used_at, ip, user_agent, amr from auth.session
      where project_id = auth.current_project_id() and end_user_id = $1 and ended_at is null
        and (expires_at is null or expires_at > $2) and last_used_at > $3
      order by last_used_at desc, id limit 1000`,
    values: [userId, now, idleSince],
  })
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    ip: row.ip,
    userAgent: row.user_agent,
    amr: row.amr,
  }))
}

/** Whose session it is, whether live or not. */
export async function findSessionOwner(tx: ProjectTx, sessionId: string): Promise<string | null> {
  const [row] = await tx.query<{ end_user_id: string }>({
    name: 'session_owner',
    text: 'select end_user_id from auth.session where project_id = auth.current_project_id() and id = $1',
    values: [sessionId],
  })
  return row?.end_user_id ?? null
}

/** When the session last saw a second factor. */
export async function readFactorTime(db: ProjectDb, scope: ProjectScope, sessionId: string): Promise<Date | null> {
  const [row] = await db.read<{ factor_verified_at: Date | null }>(scope, {
    name: 'session_factor_time',
    text: 'select factor_verified_at from auth.session where project_id = auth.current_project_id() and id = $1',
    values: [sessionId],
  })
  return row?.factor_verified_at ?? null
}

/**
 * The user of a live session that this credential still opens, the session locked; `null` otherwise. `generation` is that of a refresh
 * token: the newest one, or its parent where `auth.rotate_session` would still give the child.
 */
export async function lockUsableSession(
  tx: ProjectTx,
  { settings }: ProjectRecord,
  input: { sessionId: string; userId: string | null; generation: number | null; now: Date; caller: Caller },
): Promise<string | null> {
  const [row] = await tx.query<{ end_user_id: string }>({
    name: 'session_lock_usable',
    text: `select s.end_user_id from auth.session s join auth.end_user u on u.project_id = s.project_id and u.id = s.end_user_id
      where s.project_id = auth.current_project_id() and s.id = $1 and ($2::uuid is null or s.end_user_id = $2) and s.ended_at is null
        and (s.expires_at is null or s.expires_at > $3) and s.last_used_at > $4 and u.disabled_at is null
        and ($5::integer is null or s.generation <= $5
          or (s.generation = $5 + 1 and (s.user_agent is not distinct from $6 or s.rotated_at > $7)))
      for update of s`,
    values: [input.sessionId, input.userId, input.now, addSeconds(input.now, -settings.session_idle_seconds), input.generation,
      storedUserAgent(input.caller), addSeconds(input.now, -settings.refresh_grace_seconds)],
  })
  return row?.end_user_id ?? null
}
