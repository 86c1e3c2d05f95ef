import { recordAudit } from '@portico/database/audit'
import { addToOutbox, type OutboxEntry } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { MINUTE_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import type { Locale } from '@portico/kernel/locales'
import type { Reauthenticate } from '../steps/reauthenticate.js'
import { byUser, type Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import { readEmail } from '../read-email.js'
import type { EndUser } from '../records/end-user.js'
import { setPendingEmail } from '../records/end-user.store.js'
import { requireOwnAccount, requireOwnAccountNow } from '../steps/require-own-account.js'
import { localSignIn } from '../records/sso-connection.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'

export interface RequestEmailChangeInput {
  email: string
  password?: string | undefined
  askedIn?: Locale | undefined
}

/**
 * Asks to move the account to another address. Both are told: the new one gets the confirmation, the old one a link that takes it back.
 * Whether the new address has an account already is not said here; only who can read its mail learns it, when confirming.
 */
export class RequestEmailChange {
  constructor(
    private readonly db: ProjectDb,
    private readonly reauthenticate: Reauthenticate,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Answers the id of the mail to the new address, which stays with whoever asked. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, input: RequestEmailChangeInput, caller: Caller): Promise<string> {
    const id = this.entropy.uuid()
    const { user } = session
    const askedIn = input.askedIn && { askedIn: input.askedIn }
    const address = readEmail(input.email)
    await requireOwnAccountNow(this.db, project, user.id)
    await this.reauthenticate.execute(project, session, input.password, caller)
    if (address.normalised === user.email) throw invalidField('email', 'unchanged', 'This is already the address of the account.')
    await this.limits.admitEmailChange(project, user.id)
    if (!(await this.limits.mayMail(project, 'email_change', address.normalised)))
      throw new AuthError('rate_limited', { retryAfterSeconds: MINUTE_SECONDS })
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      await requireOwnAccount(tx, user.id)
      // With an address elsewhere they would be out of their company's reach, and a password of their own would let them in.
      if ((await localSignIn(tx, user)) === 'refused') throw new AuthError('sso_required')
      await addToOutbox(
        tx,
        id,
        { kind: 'email_change_confirm', payload: { endUserId: user.id, newAddress: address.typed, ...askedIn } },
        now,
      )
      await setPendingEmail(tx, { userId: user.id, address: address.typed, now })
      await addToOutbox(tx, this.entropy.uuid(), this.#notice(user, address.typed), now)
      await recordAudit(
        tx,
        { action: 'user.email_change_requested', ...byUser(user.id, caller) },
        now,
      )
    })
    return id
  }

  /** The way back is for the owner of an address. An unproven one may be anybody's: it gets a notice without a link. */
  #notice(user: EndUser, newAddress: string): OutboxEntry {
    if (user.emailVerifiedAt === null)
      return { kind: 'security_notice', payload: { endUserId: user.id, event: 'email_change_requested', address: user.emailTyped } }
    return { kind: 'email_change_notice', payload: { endUserId: user.id, oldAddress: user.emailTyped, newAddress } }
  }
}
