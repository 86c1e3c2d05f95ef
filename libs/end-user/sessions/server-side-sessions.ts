import { recordAudit } from '@portico/database/audit'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { consumeExchangeCode } from '../records/exchange-code.store.js'
import { draftSession, type SsoBeginning } from '../records/session-draft.js'
import { endSession, findLiveSession, startSession, type LiveSession } from '../records/session.store.js'
import { provesKey } from '../steps/proof-key.js'

export interface StartedSession {
  sessionId: string
  user: EndUser
}

/**
 * Sessions whose client is a process of ours with a cookie of its own: it asks for the session itself and is handed no token, so that none
 * has to be kept, refreshed or lost. They are listed, ended and evicted like any other.
 */
export class ServerSideSessions {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** For the code of a redirect, as `RedeemExchangeCode` takes it. */
  async redeem(project: ProjectRecord, input: { code: string; codeVerifier: string }, caller: Caller): Promise<StartedSession> {
    const spent = await this.db.transaction(project.scope, (tx) =>
      consumeExchangeCode(tx, { digest: digestToken(input.code), purpose: 'sign_in', now: this.clock.now() }),
    )
    if (!spent || !provesKey(input.codeVerifier, spent.codeChallenge)) throw new AuthError('invalid_or_expired_token')
    const { endUserId: userId, amr, sso, connection } = spent
    if (spent.sessionId === null) return this.start(project, { userId, amr, sso, connection }, caller)
    // It began on our page, its factors proven there: one sign-in is one session.
    const live = await this.find(project, spent.sessionId)
    if (live?.user.id !== spent.endUserId) throw new AuthError('invalid_or_expired_token')
    return { sessionId: live.id, user: live.user }
  }

  /**
   * After a proof. Throws `second_factor_required`, `session_limit_reached`, and `invalid_or_expired_token` for an account that is disabled
   * or gone.
   */
  async start(
    project: ProjectRecord,
    { userId, amr, ...by }: { userId: string; amr: string[]; sso?: SsoBeginning | null; connection?: string | null },
    caller: Caller,
  ): Promise<StartedSession> {
    const draft = draftSession(this.entropy, this.clock.now(), amr, caller, by)
    const started = await startSession(this.db, project, { userId, checkedHash: null, newHash: null, draft })
    if (started.outcome === 'ok') return { sessionId: draft.id, user: started.user }
    if (started.outcome === 'stale') throw new AuthError('invalid_or_expired_token')
    throw new AuthError(started.outcome === 'session_limit' ? 'session_limit_reached' : 'second_factor_required')
  }

  /** `null`: ended, idle too long, past its end, or its user disabled or gone. */
  find(project: ProjectRecord, sessionId: string): Promise<LiveSession | null> {
    return findLiveSession(this.db, project, sessionId, this.clock.now())
  }

  async end(project: ProjectRecord, { id, userId }: { id: string; userId: string }, caller: Caller): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await endSession(tx, { sessionId: id, userId, reason: 'logout', now }))) return
      const who = byUser(userId, caller)
      await recordAudit(tx, { ...who, action: 'session.ended', resource: 'session', resourceId: id, metadata: { reason: 'logout' } }, now)
    })
  }
}
