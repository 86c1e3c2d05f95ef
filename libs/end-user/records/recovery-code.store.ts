import { recoveryCode, RECOVERY_CODE_BYTES, RECOVERY_CODES } from '@portico/authenticators/recovery-code'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Entropy } from '@portico/kernel/entropy'

// The user is part of what is hashed: one table of digests cannot be searched for all users at once.
const digestOf = (userId: string, code: string) => digestToken(`recovery-code ${userId} ${code}`)

/** Replaces the user's codes, used and unused. This is the only time they can be shown. */
export async function issueRecoveryCodes(tx: ProjectTx, entropy: Entropy, userId: string, now: Date): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => recoveryCode(entropy.bytes(RECOVERY_CODE_BYTES)))
  await deleteRecoveryCodes(tx, userId)
  await tx.query({
    name: 'recovery_code_insert',
    text: `insert into auth.recovery_code (project_id, end_user_id, digest, created_at)
      select auth.current_project_id(), $1, digest, $3 from unnest($2::bytea[]) as digest on conflict do nothing`,
    values: [userId, codes.map((code) => digestOf(userId, code)), now],
  })
  return codes
}

/** Spends a code, given as it is written; of two callers at once only one does. */
export async function spendRecoveryCode(tx: ProjectTx, userId: string, code: string, now: Date): Promise<boolean> {
  const rows = await tx.query({
    name: 'recovery_code_spend',
    text: `update auth.recovery_code set used_at = $3
      where project_id = auth.current_project_id() and end_user_id = $1 and digest = $2 and used_at is null returning digest`,
    values: [userId, digestOf(userId, code), now],
  })
  return rows.length > 0
}

/** All of the user's, or those made since; answers how many unused ones went. */
export async function deleteRecoveryCodes(tx: ProjectTx, userId: string, since: Date | null = null): Promise<number> {
  const rows = await tx.query<{ unused: boolean }>({
    name: 'recovery_code_delete',
    text: `delete from auth.recovery_code where project_id = auth.current_project_id() and end_user_id = $1 and ($2::timestamptz is null or created_at >= $2)
      returning used_at is null as unused`,
    values: [userId, since],
  })
  return rows.filter(({ unused }) => unused).length
}

export async function hasRecoveryCodes(tx: ProjectTx, userId: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'recovery_code_exists',
    text: 'select 1 from auth.recovery_code where project_id = auth.current_project_id() and end_user_id = $1 limit 1',
    values: [userId],
  })
  return rows.length > 0
}

/** How many are left. */
export async function countRecoveryCodes(db: ProjectDb, scope: ProjectScope, userId: string): Promise<number> {
  const [row] = await db.read<{ unused: number }>(scope, {
    name: 'recovery_code_count',
    text: 'select count(*)::int as unused from auth.recovery_code where project_id = auth.current_project_id() and end_user_id = $1 and used_at is null',
    values: [userId],
  })
  return row?.unused ?? 0
}
