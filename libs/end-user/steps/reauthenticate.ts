import type { HashRequest } from '@portico/crypto/hash-queue'
import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import type { Caller } from '../caller.js'
import { findPasswordHash } from '../records/end-user-search.store.js'
import type { AdmitPassword } from './admit-password.js'
import type { AuthenticatedSession } from './authenticate.js'

/** A login this recent stands for the password. */
const FRESH_LOGIN_SECONDS = 10 * MINUTE_SECONDS

/** Asks once more who is there before something dangerous: a stolen access token alone must not take an account over or destroy it. */
export class Reauthenticate {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly admission: AdmitPassword,
    private readonly clock: Clock,
  ) {}

  /** Throws `reauthentication_required` when there is neither a password nor a fresh login. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, password: string | undefined, caller: Caller): Promise<void> {
    if (password !== undefined) {
      await this.#prove(
        project,
        session,
        password,
        caller,
        async (hash, request) => (await this.hasher.verify(hash, password, request)).ok || null,
      )
      return
    }
    if (session.authTime < addSeconds(this.clock.now(), -FRESH_LOGIN_SECONDS)) throw new AuthError('reauthentication_required')
  }

  /**
   * The hash of the next password, and the stored one that the old password was checked against. Throws `invalid_credentials`, and
   * `rate_limited` and `overloaded` like a login.
   */
  async forNewPassword(
    project: ProjectRecord,
    session: AuthenticatedSession,
    passwords: { old: string; next: string },
    caller: Caller,
  ): Promise<{ checkedHash: string; newHash: string }> {
    const { hash, proof } = await this.#prove(project, session, passwords.old, caller, (stored, request) =>
      this.hasher.verifyThenHash(stored, passwords.old, passwords.next, request),
    )
    return { checkedHash: hash, newHash: proof }
  }

  /** `prove` answers null for a wrong password. */
  async #prove<T>(
    project: ProjectRecord,
    session: AuthenticatedSession,
    password: string,
    caller: Caller,
    prove: (hash: string, request: HashRequest) => Promise<T | null>,
  ): Promise<{ hash: string; proof: T }> {
    const attempt = await this.admission.execute(project, session.user.email, caller, `session ${session.id}`)
    const hash = await findPasswordHash(this.db, project, session.user.id)
    const request = { projectId: project.scope.projectId, signal: caller.signal }
    if (hash === null) await this.hasher.verifyAgainstDummy(password, request)
    const proof = hash === null ? null : await prove(hash, request)
    if (hash === null || proof === null) {
      await attempt.failed()
      throw new AuthError('invalid_credentials')
    }
    await attempt.succeeded()
    return { hash, proof }
  }
}
