import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Administrator } from './administrator.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { deleteTotpFactors } from '../records/factor.store.js'
import { deletePasskeys } from '../records/passkey.store.js'
import { deleteRecoveryCodes } from '../records/recovery-code.store.js'
import { endEverySession } from '../steps/end-every-session.js'

/**
 * Takes every second factor, recovery code and passkey off an account whose owner has lost them all (or whose thief has added one), and
 * ends its sessions. What is left is the first factor; a recovery mail gives that back too.
 */
export class ResetFactors {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string): Promise<{ factorsRemoved: number; sessionsEnded: number }> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockAnyEndUser(tx, userId))) throw new AuthError('not_found')
      const removed = (await deletePasskeys(tx, userId)) + (await deleteTotpFactors(tx, userId))
      await deleteRecoveryCodes(tx, userId)
      const { sessions: ended } = await endEverySession(tx, { userId, except: null, reason: 'factors_reset', now })
      await recordAudit(
        tx,
        {
          ...by,
          action: 'user.factors_reset',
          resource: 'end_user',
          resourceId: userId,
          metadata: { factorsRemoved: removed, sessionsEnded: ended },
        },
        now,
      )
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: { endUserId: userId, event: 'factors_reset' } }, now)
      return { factorsRemoved: removed, sessionsEnded: ended }
    })
  }
}
