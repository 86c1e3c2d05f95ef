import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../../caller.js'
import { consumeExchangeCode } from '../../records/exchange-code.store.js'
import { findSessionOrganization } from '../../records/organization.store.js'
import { findLiveSession } from '../../records/session.store.js'
import { provesKey } from '../../steps/proof-key.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'
import type { IssuedSession, TokenIssuer } from '../../steps/token-issuer.js'
import type { WorkForOrganization } from '../../steps/work-for-organization.js'

/** The code of a redirect, with the verifier that never left the app, for a session. */
export class RedeemExchangeCode {
  constructor(
    private readonly db: ProjectDb,
    private readonly start: StartProvenSession,
    private readonly issuer: TokenIssuer,
    private readonly refusals: RefusedSignIns,
    private readonly workFor: WorkForOrganization,
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
    const { sessionId } = spent
    if (sessionId !== null) return this.#takeOver(project, sessionId, spent.endUserId)
    const { endUserId: userId, amr, sso, connection } = spent
    const started = await this.start.execute(project, { userId, amr, sso, connection }, caller)
    // Who came by the connection of an organization works for it at once.
    return spent.organizationId === null ? started : this.workFor.execute(project, started, spent.organizationId)
  }

  /** The session began on our page, its factors proven; what it was not given there are tokens. */
  async #takeOver(project: ProjectRecord, sessionId: string, userId: string): Promise<IssuedSession> {
    const { settings, scope } = project
    // Chosen on our page, before the code was made.
    const chosen = settings.organizations === 'off' ? null : await findSessionOrganization(this.db, scope, sessionId)
    const live = await findLiveSession(this.db, project, sessionId, this.clock.now(), chosen)
    if (live?.user.id !== userId) throw new AuthError('invalid_or_expired_token')
    const { authTime, amr, user, expiresAt, organization } = live
    return this.issuer.issue(project, { sessionId, authTime, amr, user, expiresAt, organization, generation: 0 })
  }
}
