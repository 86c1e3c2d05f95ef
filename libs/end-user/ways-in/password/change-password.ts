import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Reauthenticate } from '../../steps/reauthenticate.js'
import { byUser, type Caller } from '../../caller.js'
import { replacePassword } from '../../records/end-user.store.js'
import { voidOneTimeTokens } from '../../records/one-time-token.store.js'
import { requireEmailProvider } from '../../project/require-provider.js'
import type { AuthenticatedSession } from '../../steps/authenticate.js'
import type { AskHooks } from '../../steps/hooks/ask-hooks.js'
import { endEverySession } from '../../steps/end-every-session.js'
import { requireOwnAccount, requireOwnAccountNow } from '../../steps/require-own-account.js'
import type { CheckNewPassword } from '../../steps/check-new-password.js'

export interface ChangePasswordInput {
  currentPassword: string
  password: string
}

/** A signed-in user changes their password. Every other session ends; the one that proved the old password goes on. */
export class ChangePassword {
  constructor(
    private readonly db: ProjectDb,
    private readonly reauthenticate: Reauthenticate,
    private readonly hooks: AskHooks,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession, input: ChangePasswordInput, caller: Caller): Promise<void> {
    requireEmailProvider(project)
    const userId = session.user.id
    await requireOwnAccountNow(this.db, project, userId)
    await this.checkNewPassword.execute(project, input.password, session.user.email)
    const { checkedHash, newHash } = await this.reauthenticate.forNewPassword(
      project,
      session,
      { old: input.currentPassword, next: input.password },
      caller,
    )
    await this.hooks.beforePasswordChange(project, { userId, reason: 'changed' }, caller)
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await requireOwnAccount(tx, userId)
      if (!(await replacePassword(tx, { userId, checkedHash, newHash, now }))) throw new AuthError('invalid_credentials')
      const { sessions: ended } = await endEverySession(tx, { userId, except: session.id, reason: 'password_changed', now })
      await voidOneTimeTokens(tx, { endUserId: userId, purposes: ['password_reset'], now })
      await recordAudit(
        tx,
        { action: 'user.password_changed', ...byUser(userId, caller), metadata: { sessionsEnded: ended } },
        now,
      )
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'password_changed', payload: { endUserId: userId } }, now)
    })
  }
}
