import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Administrator } from './administrator.js'
import { endSessionsByAdmin, lockAnyEndUser } from '../records/administration.store.js'

/**
 * Takes every second factor, recovery code and passkey off an account whose owner has lost them all (or whose thief has added one), and ends its
 * sessions. What is left is the first factor; a recovery mail gives that back too.
 */
export class ResetFactors {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string): Promise<{ factors_removed: number; sessions_ended: number }> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockAnyEndUser(tx, userId))) throw new AuthError('not_found')
      const removed = await deleteFactors(tx, userId)
      const ended = await endSessionsByAdmin(tx, { userId, only: null, reason: 'factors_reset', now })
      await recordAudit(
        tx,
        { ...by, action: 'user.factors_reset', resource: 'end_user', resourceId: userId, metadata: { factors_removed: removed, sessions_ended: ended } },
        now,
      )
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: { end_user_id: userId, event: 'factors_reset' } }, now)
      return { factors_removed: removed, sessions_ended: ended }
    })
  }
}

async function deleteFactors(tx: ProjectTx, userId: string): Promise<number> {
  const [row] = await tx.query<{ removed: number }>({
    name: 'admin_factor_reset',
    text: `with factors as (
        delete from auth.factor where project_id = auth.current_project_id() and end_user_id = $1 returning activated_at),
      passkeys as (
        delete from auth.webauthn_credential where project_id = auth.current_project_id() and end_user_id = $1 returning 1),
      codes as (
        delete from auth.recovery_code where project_id = auth.current_project_id() and end_user_id = $1),
      pending as (
        delete from auth.pending_sign_in where project_id = auth.current_project_id() and end_user_id = $1)
      select ((select count(*) from factors where activated_at is not null) + (select count(*) from passkeys))::int as removed`,
    values: [userId],
  })
  return row?.removed ?? 0
}
