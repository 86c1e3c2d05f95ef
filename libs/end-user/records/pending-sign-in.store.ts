import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { readSsoRow, type SsoBeginning } from './session-draft.js'

/** `verify`: one of the user's factors is missing. `enrol`: the project requires a factor and the user has none. */
export type WaitingFor = 'verify' | 'enrol'

/** A sign-in between its two factors, and whose it is. */
export interface WaitingSignIn {
  userId: string
  email: string
  kind: WaitingFor
  amr: string[]
  sso: SsoBeginning | null
  /** Which organization it is for; `null`: for none. */
  organizationId: string | null
}

interface Row {
  end_user_id: string
  email: string
  kind: WaitingFor
  amr: string[]
  sso: unknown
  organization_id: string | null
}

const toWaiting = (row: Row | undefined): WaitingSignIn | null =>
  row
    ? {
        userId: row.end_user_id,
        email: row.email,
        kind: row.kind,
        amr: row.amr,
        sso: readSsoRow(row.sso),
        organizationId: row.organization_id,
      }
    : null

// Null digest: the first factor was no password.
const STILL_GOOD = `u.project_id = p.project_id and u.id = p.end_user_id and u.disabled_at is null
  and (p.password_digest is null or sha256(convert_to(u.password_hash, 'UTF8')) = p.password_digest)`

/** Without spending it. `null`: unknown, finished, too old, or the account was disabled or given another password since. */
export async function findPendingSignIn(
  db: ProjectDb,
  scope: ProjectScope,
  input: { digest: Buffer; now: Date },
): Promise<WaitingSignIn | null> {
  const rows = await db.read<Row>(scope, {
    name: 'pending_sign_in_find',
    text: `select p.end_user_id, u.email, p.kind, p.amr, p.organization_id, p.sso from auth.pending_sign_in p join auth.end_user u on ${STILL_GOOD}
      where p.project_id = auth.current_project_id() and p.digest = $1 and p.expires_at > $2`,
    values: [input.digest, input.now],
  })
  return toWaiting(rows[0])
}

/** Spends it: of two callers at once only one gets it. */
export async function takePendingSignIn(
  tx: ProjectTx,
  input: { digest: Buffer; kind: WaitingFor; now: Date },
): Promise<WaitingSignIn | null> {
  const rows = await tx.query<Row>({
    name: 'pending_sign_in_hold',
    text: `select p.end_user_id, u.email, p.kind, p.amr, p.organization_id, p.sso from auth.pending_sign_in p join auth.end_user u on ${STILL_GOOD}
      where p.project_id = auth.current_project_id() and p.digest = $1 and p.kind = $2 and p.expires_at > $3 for update of p`,
    values: [input.digest, input.kind, input.now],
  })
  if (!rows[0]) return null
  await tx.query({
    name: 'pending_sign_in_spend',
    text: 'delete from auth.pending_sign_in where project_id = auth.current_project_id() and digest = $1',
    values: [input.digest],
  })
  return toWaiting(rows[0])
}

/** Which organization the session will be for, once the second factor is there. */
export async function setPendingOrganization(tx: ProjectTx, input: { digest: Buffer; organizationId: string }): Promise<void> {
  await tx.query({
    name: 'pending_sign_in_set_organization',
    text: 'update auth.pending_sign_in set organization_id = $2 where project_id = auth.current_project_id() and digest = $1',
    values: [input.digest, input.organizationId],
  })
}

/** Ends every half-done sign-in of the user; answers how many were still good. */
export async function deletePendingSignIns(tx: ProjectTx, userId: string, now: Date): Promise<number> {
  const rows = await tx.query<{ good: boolean }>({
    name: 'pending_sign_in_delete_all',
    text: 'delete from auth.pending_sign_in where project_id = auth.current_project_id() and end_user_id = $1 returning expires_at > $2 as good',
    values: [userId, now],
  })
  return rows.filter(({ good }) => good).length
}
