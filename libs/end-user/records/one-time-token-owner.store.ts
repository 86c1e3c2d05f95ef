import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { OneTimePurpose } from './one-time-token.store.js'

/** Whose token this is, without spending it. For refusing a bad new password before it costs the token; never a proof of anything. */
export async function findOneTimeTokenOwner(
  db: ProjectDb,
  scope: ProjectScope,
  { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date },
): Promise<{ endUserId: string; email: string } | null> {
  const [row] = await db.read<{ id: string; email: string }>(scope, {
    name: 'one_time_token_owner',
    text: `select u.id, u.email from auth.one_time_token t
      join auth.end_user u on u.project_id = t.project_id and u.id = t.end_user_id
      where t.project_id = auth.current_project_id() and t.digest = $1 and t.purpose = $2
        and t.consumed_at is null and t.voided_at is null and t.expires_at > $3 and u.disabled_at is null`,
    values: [digest, purpose, now],
  })
  return row ? { endUserId: row.id, email: row.email } : null
}
