import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { countWaysIn } from '../records/ways-in.view.js'
import { relyingPartyIdOf } from '../steps/passkey/relying-party.js'
import { deletePasskey } from '../records/passkey.store.js'
import { deleteTotpFactor } from '../records/factor.store.js'
import { activeFactorsWithin } from '../records/factors.view.js'
import { deleteRecoveryCodes } from '../records/recovery-code.store.js'
import type { FreshProof, RequireFreshFactor } from '../steps/require-fresh-factor.js'

/** Takes an authenticator app or a passkey off the account. */
export class RemoveFactor {
  constructor(
    private readonly db: ProjectDb,
    private readonly requireFresh: RequireFreshFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `not_found`, and `last_way_in` for a passkey that is the last way to sign in. */
  async execute(
    project: ProjectRecord,
    session: AuthenticatedSession,
    input: { factorId: string; only?: 'webauthn' } & FreshProof,
    caller: Caller,
  ): Promise<void> {
    if (!isUuid(input.factorId)) throw new AuthError('not_found')
    await this.requireFresh.execute(project, session, input, caller)
    const now = this.clock.now()
    const userId = session.user.id
    const factorId = input.factorId.toLowerCase()
    const rpId = await relyingPartyIdOf(this.db, project)
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await lockEndUser(tx, userId))) throw new AuthError('session_ended')
      const type = await remove(tx, userId, factorId, input.only)
      if (type === 'webauthn' && (await countWaysIn(tx, project, userId, rpId)) === 0) throw new AuthError('last_way_in')
      // Codes stand in for a factor: without one they would be a way around nothing.
      if ((await activeFactorsWithin(tx, userId)).length === 0) await deleteRecoveryCodes(tx, userId)
      await recordAudit(
        tx,
        { action: 'factor.removed', ...byUser(userId, caller), resource: 'factor', resourceId: factorId, metadata: { type } },
        now,
      )
      const event = type === 'webauthn' ? 'passkey_removed' : 'factor_removed'
      await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload: { endUserId: userId, event } }, now)
    })
  }
}

async function remove(tx: ProjectTx, userId: string, factorId: string, only: 'webauthn' | undefined): Promise<'totp' | 'webauthn'> {
  if (only === undefined && (await deleteTotpFactor(tx, userId, factorId))) return 'totp'
  if (await deletePasskey(tx, userId, factorId)) return 'webauthn'
  throw new AuthError('not_found')
}
