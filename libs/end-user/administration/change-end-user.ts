import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isUniqueViolation } from '@portico/database/unique-violation'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { EventName } from '@portico/kernel/events'
import type { EmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { checkAppMetadata, checkMetadata, mergeMetadata } from '../steps/read-metadata.js'
import type { EndUser } from '../records/end-user.js'
import { ALL_TOKENS, voidOneTimeTokens } from '../records/one-time-token.store.js'
import type { CheckNewPassword } from '../steps/check-new-password.js'
import type { AskHooks } from '../steps/hooks/ask-hooks.js'
import { readEmail } from '../read-email.js'
import type { Administrator } from './administrator.js'
import { findEndUser, isAddressTaken, lockAnyEndUser } from '../records/end-user-search.store.js'
import { saveEndUser } from '../records/end-user.store.js'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import { voidWaitingMails } from '../records/end-user.store.js'
import { endEverySession } from '../steps/end-every-session.js'
import { requireOwnAccount } from '../steps/require-own-account.js'

export interface ChangeEndUserInput {
  email?: string | undefined
  password?: string | undefined
  emailVerified?: boolean | undefined
  metadata?: Record<string, unknown> | undefined
  appMetadata?: Record<string, unknown> | undefined
  disabled?: boolean | undefined
}


/**
 * A new address counts as unproved unless said otherwise. A new password, a new address or a ban ends every session and every link that was
 * mailed. What else is on the account stays; evicting removes it.
 */
export class ChangeEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly hooks: Pick<AskHooks, 'beforePasswordChange'>,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string, input: ChangeEndUserInput): Promise<EndUser> {
    const address = input.email === undefined ? null : readEmail(input.email)
    const passwordHash = input.password === undefined ? null : await this.#hash(project, by, userId, input.password, address)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const before = await lockAnyEndUser(tx, userId)
      if (!before) throw new AuthError('not_found')
      const { after, fields } = changed(
        before,
        { address, metadata: input.metadata, appMetadata: input.appMetadata, emailVerified: input.emailVerified, disabled: input.disabled },
        now,
      )
      if (passwordHash !== null) fields.push('password')
      // The next sync would undo the one, and the other would be a way in beside the company's own.
      if (fields.includes('email') || fields.includes('password')) await requireOwnAccount(tx, userId)
      if (fields.length === 0) return before
      if (after.email !== before.email && (await isAddressTaken(tx, after.email, userId))) throw new AuthError('email_taken')
      const saved = await this.#save(tx, after, passwordHash, now)
      const sessionsEnded = await this.#endWhatMustEnd(tx, before, fields, saved, now)
      await recordAudit(
        tx,
        {
          ...by,
          action: actionFor(fields, saved),
          resource: 'end_user',
          resourceId: userId,
          metadata: { fields, sessionsEnded: sessionsEnded },
        },
        now,
      )
      return saved
    })
  }

  async #save(tx: ProjectTx, user: EndUser, passwordHash: string | null, now: Date): Promise<EndUser> {
    try {
      return await saveEndUser(tx, user, passwordHash, now)
    } catch (error) {
      // Somebody else took the address between the question and the update.
      if (isUniqueViolation(error)) throw new AuthError('email_taken', { cause: error })
      throw error
    }
  }

  async #hash(
    project: ProjectRecord,
    { ip = null, userAgent = null }: Administrator,
    userId: string,
    password: string,
    address: EmailAddress | null,
  ): Promise<string> {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    await this.checkNewPassword.execute(project, password, address?.normalised ?? user.email)
    await this.hooks.beforePasswordChange(project, { userId, reason: 'operator' }, { ip, userAgent })
    return this.hasher.hash(password, { projectId: project.scope.projectId })
  }

  async #endWhatMustEnd(tx: ProjectTx, before: EndUser, fields: string[], after: EndUser, now: Date): Promise<number> {
    const banned = fields.includes('disabled') && after.disabledAt !== null
    const newPassword = fields.includes('password')
    const newAddress = after.email !== before.email
    if (!newAddress && !newPassword && !banned) return 0
    // Undo links too: an intruder who changed the address must not take it back from the owner whom the operator has just helped.
    await voidOneTimeTokens(tx, { endUserId: after.id, purposes: ALL_TOKENS, now })
    await voidEmailChallenges(tx, before.email, now)
    await voidWaitingMails(tx, after.id, now)
    if (newPassword) await addToOutbox(tx, this.entropy.uuid(), { kind: 'password_changed', payload: { endUserId: after.id } }, now)
    const reason = banned ? 'user_disabled' : newPassword ? 'password_changed' : 'email_changed'
    return (await endEverySession(tx, { userId: after.id, except: null, reason, now })).sessions
  }
}

interface Change {
  address: EmailAddress | null
  metadata: Record<string, unknown> | undefined
  appMetadata: Record<string, unknown> | undefined
  emailVerified: boolean | undefined
  disabled: boolean | undefined
}

function changed(before: EndUser, change: Change, now: Date): { after: EndUser; fields: string[] } {
  const after = { ...before }
  const fields: string[] = []
  if (change.address && (change.address.normalised !== before.email || change.address.typed !== before.emailTyped)) {
    after.email = change.address.normalised
    after.emailTyped = change.address.typed
    if (after.email !== before.email) after.emailVerifiedAt = null
    fields.push('email')
  }
  if (change.emailVerified !== undefined && change.emailVerified !== (after.emailVerifiedAt !== null)) {
    after.emailVerifiedAt = change.emailVerified ? now : null
    fields.push('email_verified')
  }
  if (change.metadata !== undefined) {
    after.metadata = checkMetadata(mergeMetadata(before.metadata, change.metadata))
    fields.push('metadata')
  }
  if (change.appMetadata !== undefined) {
    after.appMetadata = checkAppMetadata(mergeMetadata(before.appMetadata, change.appMetadata))
    fields.push('app_metadata')
  }
  if (change.disabled !== undefined && change.disabled !== (before.disabledAt !== null)) {
    after.disabledAt = change.disabled ? now : null
    fields.push('disabled')
  }
  return { after, fields }
}

function actionFor(fields: string[], user: EndUser): EventName {
  if (fields.length !== 1 || fields[0] !== 'disabled') return 'user.changed'
  return user.disabledAt === null ? 'user.enabled' : 'user.disabled'
}
