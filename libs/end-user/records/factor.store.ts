import type { ProjectTx } from '@portico/database/project-db'
import { noteDetails } from './user-details.store.js'

export interface TotpFactor {
  id: string
  friendlyName: string | null
  sealed: Buffer
  lastAcceptedStep: number | null
  active: boolean
  createdAt: Date
}

/** Stores a seed that waits for its first code. Earlier ones that still wait go: only the last one shown can have been scanned. */
export async function insertTotpFactor(
  tx: ProjectTx,
  factor: { id: string; userId: string; friendlyName: string | null; sealed: Buffer; now: Date },
): Promise<void> {
  await tx.query({
    name: 'factor_drop_waiting',
    text: 'delete from auth.factor where project_id = auth.current_project_id() and end_user_id = $1 and activated_at is null',
    values: [factor.userId],
  })
  await noteDetails(tx, factor.userId)
  await tx.query({
    name: 'factor_insert',
    text: `insert into auth.factor (project_id, id, end_user_id, type, friendly_name, sealed, created_at)
      values (auth.current_project_id(), $1, $2, 'totp', $3, $4, $5)`,
    values: [factor.id, factor.userId, factor.friendlyName, factor.sealed, factor.now],
  })
}

/** The user's authenticator apps, or one of them, locked: of two callers with one code only one is first. */
export async function lockTotpFactors(tx: ProjectTx, userId: string, factorId: string | null): Promise<TotpFactor[]> {
  const rows = await tx.query<{
    id: string
    friendly_name: string | null
    sealed: Buffer
    last_accepted_step: string | null
    active: boolean
    created_at: Date
  }>({
    name: 'factor_lock',
    text: `select id, friendly_name, sealed, last_accepted_step, activated_at is not null as active, created_at from auth.factor
      where project_id = auth.current_project_id() and end_user_id = $1 and ($2::uuid is null or id = $2) order by created_at, id for update`,
    values: [userId, factorId],
  })
  return rows.map((row) => ({
    id: row.id,
    friendlyName: row.friendly_name,
    sealed: row.sealed,
    lastAcceptedStep: row.last_accepted_step === null ? null : Number(row.last_accepted_step),
    active: row.active,
    createdAt: row.created_at,
  }))
}

/** Notes the step, so that its code is worth nothing from now on; the first one activates the factor. */
export async function acceptStep(tx: ProjectTx, input: { factorId: string; step: number; now: Date }): Promise<void> {
  await tx.query({
    name: 'factor_accept_step',
    text: `update auth.factor set last_accepted_step = $2, last_used_at = $3, activated_at = coalesce(activated_at, $3)
      where project_id = auth.current_project_id() and id = $1`,
    values: [input.factorId, input.step, input.now],
  })
}

export async function deleteTotpFactor(tx: ProjectTx, userId: string, factorId: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'factor_delete',
    text: 'delete from auth.factor where project_id = auth.current_project_id() and end_user_id = $1 and id = $2 returning id',
    values: [userId, factorId],
  })
  return rows.length > 0
}

/** All of the user's authenticator apps, or those added since; answers how many were active. */
export async function deleteTotpFactors(tx: ProjectTx, userId: string, since: Date | null = null): Promise<number> {
  const rows = await tx.query<{ active: boolean }>({
    name: 'factor_delete_all',
    text: `delete from auth.factor where project_id = auth.current_project_id() and end_user_id = $1 and ($2::timestamptz is null or created_at >= $2)
      returning activated_at is not null as active`,
    values: [userId, since],
  })
  return rows.filter(({ active }) => active).length
}
