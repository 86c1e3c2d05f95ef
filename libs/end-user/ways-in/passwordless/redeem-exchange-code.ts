import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../../caller.js'
import { consumeExchangeCode } from '../../records/exchange-code.store.js'
import { provesKey } from '../../steps/proof-key.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'

/** The code of a redirect, with the verifier that never left the app, for a session. */
export class RedeemExchangeCode {
  constructor(
    private readonly db: ProjectDb,
    private readonly start: StartProvenSession,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
  ) {}

  execute(project: ProjectRecord, input: { code: string; codeVerifier: string }, caller: Caller) {
    return this.refusals.watch(project, { method: 'exchange_code' }, caller, () => this.#redeem(project, input, caller))
  }

  async #redeem(project: ProjectRecord, input: { code: string; codeVerifier: string }, caller: Caller) {
    const spent = await this.db.transaction(project.scope, (tx) =>
      consumeExchangeCode(tx, { digest: digestToken(input.code), purpose: 'sign_in', now: this.clock.now() }),
    )
    if (!spent || !provesKey(input.codeVerifier, spent.codeChallenge)) throw new AuthError('invalid_or_expired_token')
    return this.start.execute(project, { userId: spent.endUserId, amr: spent.amr }, caller)
  }
}
