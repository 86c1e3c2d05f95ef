import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** An endpoint stopped answering, or answers again; whether that is news. */
export async function noteHookState(
  db: ProjectDb,
  scope: ProjectScope,
  state: { id: string; failing: boolean; reason: string | null; now: Date },
): Promise<boolean> {
  const [row] = await db.call<{ news: boolean }>(scope, {
    name: 'note_hook_state',
    text: 'select auth.note_hook_state($1, $2, $3, $4, $5) as news',
    values: [state.id, state.failing, state.reason, state.now],
    writesEvents: true,
  })
  return row?.news ?? false
}

/** What the app adds to the tokens of a session that has just begun. Of two answers at once the first one's stands. */
export async function saveSessionClaims(
  db: ProjectDb,
  scope: ProjectScope,
  sessionId: string,
  claims: Record<string, unknown>,
): Promise<void> {
  await db.read(scope, {
    name: 'session_claims_save',
    text: `insert into auth.session_claims (project_id, session_id, claims) values (auth.current_project_id(), $1, $2)
      on conflict (project_id, session_id) do nothing`,
    values: [sessionId, JSON.stringify(claims)],
  })
}

export async function findSessionClaims(db: ProjectDb, scope: ProjectScope, sessionId: string): Promise<Record<string, unknown> | null> {
  const [row] = await db.read<{ claims: Record<string, unknown> }>(scope, {
    name: 'session_claims',
    text: 'select claims from auth.session_claims where project_id = auth.current_project_id() and session_id = $1',
    values: [sessionId],
  })
  return row?.claims ?? null
}

/** What a hook says of a person who has just signed up. Answers the whole; `null`: it would be too much. */
export async function mergeAppMetadata(
  tx: Pick<ProjectTx, 'query'>,
  userId: string,
  metadata: Record<string, unknown>,
  mostBytes: number,
): Promise<Record<string, unknown> | null> {
  const [row] = await tx.query<{ merged: Record<string, unknown> | null }>({
    name: 'merge_app_metadata',
    text: 'select auth.merge_app_metadata(auth.current_project_id(), $1, $2, $3) as merged',
    values: [userId, JSON.stringify(metadata), mostBytes],
  })
  return row?.merged ?? null
}
