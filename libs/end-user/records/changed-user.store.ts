import type { PlatformSql } from '@portico/database/platform-sql'

export interface ChangedUser {
  projectId: string
  userId: string
  changedAt: Date
}

/** Users whose sessions or state changed within these hours, the one that changed longest ago first; the newest `limit` of them. */
export async function listChangedUsers(sql: PlatformSql, hours: number, limit: number): Promise<ChangedUser[]> {
  const rows = await sql.run<{ project_id: string; end_user_id: string; changed_at: Date }>({
    name: 'changed_users',
    text: 'select project_id, end_user_id, changed_at from auth.changed_users($1, $2)',
    values: [hours, limit],
  })
  return rows.map((row) => ({ projectId: row.project_id, userId: row.end_user_id, changedAt: row.changed_at })).toReversed()
}
