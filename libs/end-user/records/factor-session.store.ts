import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** When the session last saw a second factor. */
export async function readFactorTime(db: ProjectDb, scope: ProjectScope, sessionId: string): Promise<Date | null> {
  const [row] = await db.read<{ factor_verified_at: Date | null }>(scope, {
    name: 'session_factor_time',
    text: 'select factor_verified_at from auth.session where project_id = auth.current_project_id() and id = $1',
    values: [sessionId],
  })
  return row?.factor_verified_at ?? null
}

/** Notes a second factor in a live session. `null`: it has ended. */
export async function raiseSession(tx: ProjectTx, input: { sessionId: string; amr: readonly string[]; now: Date }): Promise<{ amr: string[] } | null> {
  const [row] = await tx.query<{ amr: string[] }>({
    name: 'session_raise',
    text: `update auth.session s set factor_verified_at = $3, auth_time = $3,
        amr = s.amr || array(select value from unnest($2::text[]) with ordinality as given (value, place) where value <> all (s.amr) order by place)
      where s.project_id = auth.current_project_id() and s.id = $1 and s.ended_at is null returning s.amr`,
    values: [input.sessionId, input.amr, input.now],
  })
  return row ?? null
}
