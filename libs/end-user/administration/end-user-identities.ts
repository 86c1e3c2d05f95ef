import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { deleteIdentity, listIdentitiesOf, type Identity } from '../records/identity.store.js'
import { rememberUnlinked } from '../records/unlinked-identity.store.js'
import { chooseIdentity } from '../steps/choose-identity.js'
import { endEverySession } from '../steps/end-every-session.js'
import type { Administrator } from './administrator.js'

/** The accounts of providers that open a user's account. */
export class ListEndUserIdentities {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string): Promise<Identity[]> {
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockAnyEndUser(tx, userId))) throw new AuthError('not_found')
      return listIdentitiesOf(tx, userId)
    })
  }
}

/**
 * An operator disconnects a provider, also the last way in: then a recovery mail leads back. Every session ends, for nothing tells which of
 * them the provider opened. The provider's account does not come back by its address alone.
 */
export class UnlinkEndUserIdentity {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    project: ProjectRecord,
    by: Administrator,
    userId: string,
    input: { provider: string; subject?: string | undefined },
  ): Promise<{ identity: Identity; sessionsEnded: number }> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockAnyEndUser(tx, userId))) throw new AuthError('not_found')
      const identity = chooseIdentity(await listIdentitiesOf(tx, userId), input)
      const { provider, subject } = identity
      await deleteIdentity(tx, { userId, provider, subject })
      await rememberUnlinked(tx, { provider, subject, userId }, now)
      const { sessions: sessionsEnded } = await endEverySession(tx, { userId, except: null, reason: 'identity_unlinked', now })
      const audit = {
        resource: 'identity' as const,
        resourceId: `${provider}:${subject}`,
        metadata: { endUserId: userId, sessionsEnded: sessionsEnded },
      }
      await recordAudit(tx, { ...by, action: 'identity.unlinked', ...audit }, now)
      await addToOutbox(
        tx,
        this.entropy.uuid(),
        { kind: 'security_notice', payload: { endUserId: userId, event: 'identity_unlinked' } },
        now,
      )
      return { identity, sessionsEnded }
    })
  }
}
