import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Reauthenticate } from '../steps/reauthenticate.js'
import type { Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { countWaysIn } from '../records/ways-in.store.js'
import { lockEndUserById } from '../records/end-user-by-address.store.js'
import { deleteIdentity, listIdentitiesOf, type Identity } from '../records/identity.store.js'

export interface UnlinkInput {
  provider: string
  /** Needed only with two identities of one provider. */
  subject?: string | undefined
  password?: string | undefined
}

/** The signed-in user takes a provider away. The last way in stays. */
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
    await this.db.transaction(project.scope, async (tx) => {
      // The lock makes two removals at once follow each other: each sees what the other left.
      const user = await lockEndUserById(tx, session.user.id)
      if (!user) throw new AuthError('session_ended')
      const identities = await listIdentitiesOf(tx, user.id)
      const wanted = choose(identities, input)
      await deleteIdentity(tx, { userId: user.id, provider: wanted.provider, subject: wanted.subject })
      if ((await countWaysIn(tx, project, user.id)) === 0) throw new AuthError('last_way_in')
      const audit = { actor: { type: 'end_user', id: user.id }, resource: 'identity', resourceId: `${wanted.provider}:${wanted.subject}`, ...caller } as const
      await recordAudit(tx, { action: 'identity.unlinked', ...audit }, now)
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: { end_user_id: user.id, event: 'identity_unlinked' } }, now)
    })
  }
}

function choose(identities: Identity[], { provider, subject }: UnlinkInput): Identity {
  const matching = identities.filter((identity) => identity.provider === provider && (subject === undefined || identity.subject === subject))
  if (matching.length > 1) throw new AuthError('conflict', { details: [{ field: 'subject', code: 'required', message: 'There are several; say which.' }] })
  if (!matching[0]) throw new AuthError('not_found')
  return matching[0]
}
