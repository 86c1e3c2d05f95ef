import type { ProjectTx } from '@portico/database/project-db'

/** Somebody who may come in without the identity provider that is asked of the others. */
export interface BreakGlass {
  userId: string
  email: string
  createdAt: Date
}

/** Oldest first. */
export async function listBreakGlass(tx: ProjectTx): Promise<BreakGlass[]> {
  const rows = await tx.query<{ end_user_id: string; email_typed: string; created_at: Date }>({
    name: 'break_glass_list',
    text: `select g.end_user_id, u.email_typed, g.created_at from auth.sso_break_glass g
      join auth.end_user u on u.project_id = auth.current_project_id() and u.id = g.end_user_id
      where g.project_id = auth.current_project_id() order by g.created_at, g.end_user_id`,
    values: [],
  })
  return rows.map((row) => ({ userId: row.end_user_id, email: row.email_typed, createdAt: row.created_at }))
}

/** False: they may already. */
export async function insertBreakGlass(tx: ProjectTx, userId: string, now: Date): Promise<boolean> {
  const rows = await tx.query({
    name: 'break_glass_insert',
    text: `insert into auth.sso_break_glass (project_id, end_user_id, created_at) values (auth.current_project_id(), $1, $2)
      on conflict (project_id, end_user_id) do nothing returning end_user_id`,
    values: [userId, now],
  })
  return rows.length > 0
}

export async function deleteBreakGlass(tx: ProjectTx, userId: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'break_glass_delete',
    text: 'delete from auth.sso_break_glass where project_id = auth.current_project_id() and end_user_id = $1 returning end_user_id',
    values: [userId],
  })
  return rows.length > 0
}
