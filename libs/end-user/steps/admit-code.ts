import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import type { AuthenticatedSession } from './authenticate.js'
import { hasSignedInFrom } from '../records/known-address.view.js'

/**
 * Whether a mailed code may be guessed at. Strangers use up the guesses of strangers: whoever calls from where the person has signed in
 * before, or with a session of theirs, has some of their own, at the account and at the code, so that nobody is locked out by others.
 */
export class AdmitCode {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
  ) {}

  /** Throws `rate_limited` or `unavailable`; answers whether the caller is known there. Asked of every address alike. */
  async execute(project: ProjectRecord, address: string, caller: Caller, session: AuthenticatedSession | null = null): Promise<boolean> {
    const known = session?.user.email === address ? `session ${session.id}` : await this.#knownClient(project, address, caller)
    await this.limits.admitCode(project, address, known)
    return known !== null
  }

  async #knownClient(project: ProjectRecord, address: string, { ip }: Caller): Promise<string | null> {
    return ip !== null && (await hasSignedInFrom(this.db, project, { address, ip, now: this.clock.now() })) ? ip : null
  }
}
