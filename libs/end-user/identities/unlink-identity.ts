import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Reauthenticate } from '../steps/reauthenticate.js'
import { byUser, type Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { countWaysIn } from '../records/ways-in.view.js'
import { relyingPartyIdOf } from '../steps/passkey/relying-party.js'
import { lockAnyEndUser } from '../records/end-user-search.store.js'
import { deleteIdentity, listIdentitiesOf } from '../records/identity.store.js'
import { rememberUnlinked } from '../records/unlinked-identity.store.js'
import { chooseIdentity } from '../steps/choose-identity.js'

export interface UnlinkInput {
  provider: string
  /** Needed only with two identities of one provider. */
  subject?: string | undefined
  password?: string | undefined
}

/** The signed-in user takes a provider away. The last way in stays. The provider's account does not come back by its address alone. */
export class UnlinkIdentity {
  constructor(
    private readonly db: ProjectDb,
    private readonly reauthenticate: Reauthenticate,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `not_found`, `conflict` when the provider alone does not say which, and `last_way_in`. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, input: UnlinkInput, caller: Caller): Promise<void> {
    await this.reauthenticate.execute(project, session, input.password, caller)
    const now = this.clock.now()
    const rpId = await relyingPartyIdOf(this.db, project)
    await this.db.transaction(project.scope, async (tx) => {
      // The lock makes two removals at once follow each other: each sees what the other left.
      const user = await lockAnyEndUser(tx, session.user.id)
      if (!user) throw new AuthError('session_ended')
      const wanted = chooseIdentity(await listIdentitiesOf(tx, user.id), input)
      await deleteIdentity(tx, { userId: user.id, provider: wanted.provider, subject: wanted.subject })
      await rememberUnlinked(tx, { provider: wanted.provider, subject: wanted.subject, userId: user.id }, now)
      if ((await countWaysIn(tx, project, user.id, rpId)) === 0) throw new AuthError('last_way_in')
      const audit = { ...byUser(user.id, caller), resource: 'identity', resourceId: `${wanted.provider}:${wanted.subject}` } as const
      await recordAudit(tx, { action: 'identity.unlinked', ...audit }, now)
      await addToOutbox(
        tx,
        this.entropy.uuid(),
        { kind: 'security_notice', payload: { endUserId: user.id, event: 'identity_unlinked' } },
        now,
      )
    })
  }
}
