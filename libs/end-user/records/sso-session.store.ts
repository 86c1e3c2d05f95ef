import type { ProjectTx } from '@portico/database/project-db'
import type { EndReason } from './session.store.js'

interface Named {
  connectionId: string
  nameDigest: Buffer
  /** Empty: all of them. */
  sessionIndexes: readonly string[]
}

export interface EndedSsoSession {
  id: string
  userId: string
}

/** Ends the sessions that assertions about this person began. One that was told no index is meant by every request. */
export async function endSsoSessions(
  tx: ProjectTx,
  { connectionId, nameDigest, sessionIndexes, reason, now }: Named & { reason: EndReason; now: Date },
): Promise<EndedSsoSession[]> {
  const rows = await tx.query<{ id: string; end_user_id: string }>({
    name: 'sso_session_end',
    text: `update auth.session s set ended_at = $4, end_reason = $5 from auth.sso_session b
      where s.project_id = auth.current_project_id() and s.ended_at is null
        and b.project_id = auth.current_project_id() and b.session_id = s.id and b.connection_id = $1 and b.name_digest = $2
        and (cardinality($3::text[]) = 0 or b.session_index is null or b.session_index = any ($3))
      returning s.id, s.end_user_id`,
    values: [connectionId, nameDigest, sessionIndexes, now, reason],
  })
  for (const row of rows) tx.userChanged(row.end_user_id, now)
  return rows.map((row) => ({ id: row.id, userId: row.end_user_id }))
}

/** The same for what is about to become one: codes that wait for the app, sign-ins that wait for their second factor. */
export async function voidSsoBeginnings(
  tx: ProjectTx,
  { connectionId, nameDigest, sessionIndexes, now }: Named & { now: Date },
): Promise<void> {
  const meant = (column: string) => `${column}->>'connection_id' = $1 and ${column}->>'name_digest' = $2
    and (cardinality($3::text[]) = 0 or ${column}->>'session_index' is null or ${column}->>'session_index' = any ($3))`
  const values = [connectionId, nameDigest.toString('hex'), sessionIndexes, now]
  await tx.query({
    name: 'sso_code_void',
    text: `update auth.exchange_code set consumed_at = $4 where project_id = auth.current_project_id() and consumed_at is null
      and expires_at > $4 and ${meant("(payload->'sso')")}`,
    values,
  })
  await tx.query({
    name: 'sso_pending_void',
    text: `delete from auth.pending_sign_in where project_id = auth.current_project_id() and expires_at > $4 and ${meant('sso')}`,
    values,
  })
}
