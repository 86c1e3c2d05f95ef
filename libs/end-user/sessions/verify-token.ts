import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { readFactorTime } from '../records/session-search.store.js'
import type { Authenticate } from '../steps/authenticate.js'
import type { KnownSession, LiveSessions } from '../steps/live-sessions.js'
import type { CheckedToken } from '../steps/recent-tokens.js'
import { findLiveSession } from '../records/session.store.js'

/** Whether an access token is good and its session and user still live. Everything wrong is one answer: `invalid_token`. */
export class VerifyToken {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly sessions: LiveSessions,
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** With `maxAgeSeconds` also whether the session saw a second factor no longer ago; throws `second_factor_required`. */
  async execute(project: ProjectRecord, token: string | null, maxAgeSeconds: number | null = null): Promise<CheckedToken> {
    if (token === null) throw new AuthError('invalid_token')
    const checked = await this.authenticate.check(project, token)
    const { userId, sessionId } = checked
    const session = this.sessions.find(project, userId, sessionId, this.clock.now()) ?? (await this.#read(project, checked))
    if (session?.userId !== userId) throw new AuthError('invalid_token')
    if (maxAgeSeconds !== null) {
      const provenAt = await readFactorTime(this.db, project.scope, sessionId)
      if (provenAt === null || provenAt < addSeconds(this.clock.now(), -maxAgeSeconds)) throw new AuthError('second_factor_required')
    }
    return checked
  }

  #read(project: ProjectRecord, { userId, sessionId }: CheckedToken): Promise<KnownSession | null> {
    return this.sessions.read(project, userId, sessionId, () => findLiveSession(this.db, project, sessionId, this.clock.now()))
  }
}
