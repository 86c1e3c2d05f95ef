import { recordAudit, type AuditEvent } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { checkAppMetadata, checkMetadata, mergeMetadata } from '../steps/read-metadata.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUserByEmail } from '../records/end-user-search.store.js'
import { insertEndUser, setAppMetadata } from '../records/end-user.store.js'
import { isManaged } from '../records/directory-user.store.js'
import { isUsed } from '../records/ways-in.view.js'
import { checkRedirectTarget } from '../project/redirect-target.js'
import { readEmail } from '../read-email.js'

export interface InviteInput {
  email: string
  metadata?: Record<string, unknown> | undefined
  appMetadata?: Record<string, unknown> | undefined
  redirectTo?: string | undefined
}

/** An operator makes an account for an address and writes to it. Repeated for an account that was never used: another mail. */
export class InviteUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `email_taken` when the account is in use, and without auth that serves: the mail would be promised and never sent. */
  async execute(project: ProjectRecord, actor: Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'>, input: InviteInput): Promise<EndUser> {
    if (!project.enabled) throw new AuthError(project.firstEnabledAt === null ? 'auth_not_enabled' : 'auth_disabled')
    const address = readEmail(input.email)
    const metadata = checkMetadata(input.metadata ?? {})
    const appMetadata = checkAppMetadata(mergeMetadata({}, input.appMetadata ?? {}))
    checkRedirectTarget(project, input.redirectTo)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const made = await insertEndUser(tx, { id: this.entropy.uuid(), address, emailVerified: false, metadata, now })
      const user = made ?? (await lockEndUserByEmail(tx, address.normalised))
      // Somebody has proved the address, or set the account up without proving it: an invitation must neither make it theirs nor take it
      // from them.
      const held = user && !made && ((await isUsed(tx, user.id)) || (await isManaged(tx, user.id)))
      if (!user || user.emailVerifiedAt !== null || user.disabledAt !== null || held)
        throw new AuthError('email_taken')
      if (made && input.appMetadata) await setAppMetadata(tx, made.id, appMetadata)
      const redirect = input.redirectTo === undefined ? {} : { redirectTo: input.redirectTo }
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'invitation', payload: { endUserId: user.id, ...redirect } }, now)
      await recordAudit(tx, { action: 'user.invited', resource: 'end_user', resourceId: user.id, ...actor }, now)
      return made ? { ...made, appMetadata } : user
    })
  }
}
