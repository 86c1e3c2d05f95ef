import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { byUser, type Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { assuranceLevel, type IssuedSession, type TokenIssuer } from '../steps/token-issuer.js'
import { combinedAmr } from '../steps/finish-sign-in.js'
import { sessionBinding } from '../steps/passkey/challenge-binding.js'
import type { PasskeyOptions } from '../steps/passkey/passkey-options.js'
import { readFactorTime } from '../records/session-search.store.js'
import { raiseSession } from '../records/session.store.js'
import { readActiveFactors, type OfferedFactor } from '../records/factors.view.js'
import type { FactorProof, ProveFactor } from '../steps/prove-factor.js'

export interface AskedFactor {
  missing: boolean
  acr: ReturnType<typeof assuranceLevel>
  /** When the session last saw a second factor. */
  provenAt: Date | null
  factors: OfferedFactor[]
  /** For a passkey, when there is one. */
  options: Awaited<ReturnType<PasskeyOptions['secondFactor']>> | null
}

/** A second factor in a live session: what an app asks for before something dangerous. */
export class ChallengeSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly prove: ProveFactor,
    private readonly options: PasskeyOptions,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
  ) {}

  /**
   * Whether a factor is missing for an app that wants one no older than `maxAgeSeconds` (null: from this session), and what may be offered.
   */
  async ask(project: ProjectRecord, session: AuthenticatedSession, maxAgeSeconds: number | null): Promise<AskedFactor> {
    const provenAt = await readFactorTime(this.db, project.scope, session.id)
    const fresh = provenAt !== null && (maxAgeSeconds === null || provenAt >= addSeconds(this.clock.now(), -maxAgeSeconds))
    const factors = fresh ? [] : await readActiveFactors(this.db, project.scope, session.user.id)
    const passkeys = factors.some(({ type }) => type === 'webauthn')
    const options = passkeys ? await this.options.secondFactor(project, session.user.id, sessionBinding(session.id)) : null
    return { missing: !fresh, acr: assuranceLevel(session.amr), provenAt, factors, options }
  }

  /** Raises the session and answers its new access token. The refresh token stays. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, proof: FactorProof, caller: Caller): Promise<IssuedSession> {
    const userId = session.user.id
    const claim = { userId, proof, boundTo: sessionBinding(session.id), sessionId: session.id, caller }
    const raised = await this.prove.execute(project, claim, async (tx, proven) => {
      const now = this.clock.now()
      const found = await raiseSession(tx, { sessionId: session.id, amr: combinedAmr([], proven.amr), now })
      if (!found) throw new AuthError('session_ended')
      await recordAudit(
        tx,
        {
          action: 'session.raised',
          ...byUser(userId, caller),
          resource: 'session',
          resourceId: session.id,
          metadata: { method: proven.method },
        },
        now,
      )
      return { amr: found.amr, authTime: now }
    })
    return this.issuer.issue(project, {
      sessionId: session.id,
      user: session.user,
      expiresAt: session.expiresAt,
      generation: null,
      organization: session.organization,
      ...raised,
    })
  }
}
