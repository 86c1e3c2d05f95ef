import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { readFactorTime } from '../factors/factor-session.store.js'
import type { Authenticate, AuthenticatedSession } from './authenticate.js'

/** Whether an access token is good and its session and user still live. Everything wrong is one answer: `invalid_token`. */
export class VerifyToken {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** With `maxAgeSeconds` also whether the session saw a second factor no longer ago; throws `second_factor_required`. */
  async execute(project: ProjectRecord, token: string | null, maxAgeSeconds: number | null = null): Promise<AuthenticatedSession> {
    const session = await this.#live(project, token)
    if (maxAgeSeconds === null) return session
    const provenAt = await readFactorTime(this.db, project.scope, session.id)
    if (provenAt === null || provenAt < addSeconds(this.clock.now(), -maxAgeSeconds)) throw new AuthError('second_factor_required')
    return session
  }

  async #live(project: ProjectRecord, token: string | null): Promise<AuthenticatedSession> {
    if (token === null) throw new AuthError('invalid_token')
    try {
      return await this.authenticate.execute(project, token)
    } catch (error) {
      if (error instanceof AuthError && error.code === 'session_ended') throw new AuthError('invalid_token', { cause: error })
      throw error
    }
  }
}

/** The claims also stand at the top level: published clients read them there. Our own fields win over a claim of the same name. */
export function verifyAnswer({ claims, user, token }: AuthenticatedSession) {
  return { ...claims, valid: true as const, claims, user_id: user.id, token }
}
