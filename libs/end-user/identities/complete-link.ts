import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { link } from '../steps/resolve-identity.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import { consumeExchangeCode } from '../records/exchange-code.store.js'
import { provesKey } from '../steps/proof-key.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { touchIdentity, type Identity } from '../records/identity.store.js'

/** The last step of linking: the same user, with the verifier that the app kept. Only here is anything written. */
export class CompleteLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    project: ProjectRecord,
    session: AuthenticatedSession,
    input: { code: string; codeVerifier: string },
    caller: Caller,
  ): Promise<Identity> {
    const now = this.clock.now()
    const spent = await this.db.transaction(project.scope, (tx) =>
      consumeExchangeCode(tx, { digest: digestToken(input.code), purpose: 'link', now }),
    )
    if (!spent || spent.endUserId !== session.user.id || !provesKey(input.codeVerifier, spent.codeChallenge))
      throw new AuthError('invalid_or_expired_token')
    const { provider, identity } = spent.payload as { provider: string; identity: ProvidedIdentity }
    try {
      return await this.db.transaction(project.scope, async (tx) => {
        const user = await lockEndUser(tx, session.user.id)
        if (!user) throw new AuthError('session_ended')
        const known = await touchIdentity(tx, provider, identity, now)
        if (known && known.endUserId !== user.id) throw new AuthError('identity_taken')
        return known ?? (await link(tx, user, provider, identity, { now, caller, entropy: this.entropy }))
      })
    } catch (error) {
      throw error instanceof SignInRefusal ? new AuthError('identity_taken', { cause: error }) : error
    }
  }
}
