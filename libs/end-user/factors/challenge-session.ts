import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { byUser, type Caller } from '../caller.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { assuranceLevel, type SessionGrant, type SessionGrants } from '../steps/session-grant.js'
import { combinedAmr } from '../steps/finish-sign-in.js'
import { sessionBinding } from '../steps/passkey/challenge-binding.js'
import type { PasskeyOptions } from '../steps/passkey/passkey-options.js'
import { readFactorTime } from '../records/session-search.store.js'
import { raiseSession } from '../records/session.store.js'
import { readActiveFactors } from '../records/factors.view.js'
import type { FactorProof, ProveFactor } from '../steps/prove-factor.js'

/** A second factor in a live session: what an app asks for before something dangerous. */
export class ChallengeSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly prove: ProveFactor,
    private readonly options: PasskeyOptions,
    private readonly grants: SessionGrants,
    private readonly clock: Clock,
  ) {}

  /** Whether a factor is missing for an app that wants one no older than `maxAgeSeconds` (null: from this session), and what may be offered. */
  async ask(project: ProjectRecord, session: AuthenticatedSession, maxAgeSeconds: number | null) {
    const provenAt = await readFactorTime(this.db, project.scope, session.id)
    const fresh = provenAt !== null && (maxAgeSeconds === null || provenAt >= addSeconds(this.clock.now(), -maxAgeSeconds))
    const factors = fresh ? [] : await readActiveFactors(this.db, project.scope, session.user.id)
    const passkeys = factors.some(({ type }) => type === 'webauthn')
    return {
      mfa_required: !fresh,
      acr: assuranceLevel(session.amr),
      factor_verified_at: provenAt?.toISOString() ?? null,
      factors: factors.map(({ id, type, friendlyName }) => ({ id, type, friendly_name: friendlyName })),
      ...(passkeys ? { options: await this.options.secondFactor(project, session.user.id, sessionBinding(session.id)) } : {}),
    }
  }

  /** Raises the session and answers its new access token. The refresh token stays. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, proof: FactorProof, caller: Caller): Promise<SessionGrant> {
    const userId = session.user.id
    const raised = await this.prove.execute(project, { userId, proof, boundTo: sessionBinding(session.id), caller }, async (tx, proven) => {
      const now = this.clock.now()
      const found = await raiseSession(tx, { sessionId: session.id, amr: combinedAmr([], proven.amr), now })
      if (!found) throw new AuthError('session_ended')
      await recordAudit(
        tx,
        { action: 'session.raised', ...byUser(userId, caller), resource: 'session', resourceId: session.id, metadata: { method: proven.method } },
        now,
      )
      return { amr: found.amr, authTime: now }
    })
    return this.grants.grant(project, { sessionId: session.id, user: session.user, generation: null, ...raised })
  }
}
