import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import { findPasswordHash } from '../end-user.store.js'
import type { AuthenticatedSession } from '../session/authenticate.js'

/** A login this recent stands for the password. */
export const FRESH_LOGIN_SECONDS = 10 * MINUTE_SECONDS

/** Asks once more who is there before something dangerous: a stolen access token alone must not take an account over or destroy it. */
export class Reauthenticate {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
  ) {}

  /** Throws `reauthentication_required` when there is neither a password nor a fresh login. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, password: string | undefined, caller: Caller): Promise<void> {
    if (password !== undefined) {
      await this.password(project, session, password, caller)
      return
    }
    if (session.authTime < addSeconds(this.clock.now(), -FRESH_LOGIN_SECONDS)) throw new AuthError('reauthentication_required')
  }

  /** The stored hash that the password was checked against. Throws `invalid_credentials`, and `rate_limited` like a login. */
  async password(project: ProjectRecord, session: AuthenticatedSession, password: string, caller: Caller): Promise<string> {
    const attempt = await this.limits.admitPassword(project, session.user.email, caller)
    const hash = await findPasswordHash(this.db, project, session.user.id)
    const request = { projectId: project.scope.projectId, signal: caller.signal }
    const check = hash === null ? await this.hasher.verifyAgainstNobody(password, request) : await this.hasher.verify(hash, password, request)
    if (hash === null || !check.ok) {
      await attempt.failed()
      throw new AuthError('invalid_credentials')
    }
    await attempt.succeeded()
    return hash
  }
}
