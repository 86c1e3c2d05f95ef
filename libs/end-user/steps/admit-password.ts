import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { EndUserLimits, PasswordAttempt } from '../end-user-limits.js'
import type { SuspectedSources } from '../abuse/suspected-sources.js'
import { hasSignedInFrom } from '../records/known-address.view.js'
import type { RefusedSignIns } from './refused-sign-ins.js'

/**
 * Whether a password may be tried. Guesses of strangers are counted by account and by client address, and whoever floods an account uses
 * them up. Its owner passes all the same: a device that has signed in before (or a live session) is counted by itself, and so is a client
 * address that the person has signed in from. Neither opens anything without the right password.
 */
export class AdmitPassword {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly sources: SuspectedSources,
    private readonly refusals: RefusedSignIns,
  ) {}

  /** Throws `rate_limited`. `device`: whatever shows that it has had the right password of this very account before. */
  async execute(project: ProjectRecord, address: string, caller: Caller, device: string | null): Promise<PasswordAttempt> {
    if (device === null) await this.#lookAtSource(project, address, caller)
    const attempt = await this.#admit(project, address, caller, device)
    if (device !== null) return attempt
    return {
      succeeded: () => attempt.succeeded(),
      failed: async () => {
        await this.sources.failed(project, caller.ip)
        await attempt.failed()
      },
    }
  }

  /** Somebody whose network fails at many apps waits, unless the person has signed in from there before. */
  async #lookAtSource(project: ProjectRecord, address: string, caller: Caller): Promise<void> {
    if (!this.sources.isSuspected(project, caller.ip) || (await this.#isKnown(project, address, caller))) return
    try {
      await this.sources.admit(project, address, caller.ip)
    } catch (error) {
      const refused = { method: 'password' as const, reason: 'suspected_source', userId: null, subject: address, address }
      if (error instanceof AuthError && error.code === 'rate_limited') await this.refusals.record(project, refused, caller)
      throw error
    }
  }

  async #admit(project: ProjectRecord, address: string, caller: Caller, device: string | null): Promise<PasswordAttempt> {
    try {
      return await this.limits.admitPassword(project, address, caller, device)
    } catch (error) {
      // Asked only now: whoever is not refused costs no look.
      if (!(error instanceof AuthError) || error.code !== 'rate_limited' || !(await this.#isKnown(project, address, caller))) throw error
      const attempt = await this.limits.admitFromKnownAddress(project, address, caller)
      if (attempt === null) throw error
      return {
        succeeded: () => attempt.succeeded(),
        failed: async () => {
          await attempt.failed()
          // As a stranger would be answered: a neighbour behind the same address learns nothing about who signs in from there.
          throw error
        },
      }
    }
  }

  async #isKnown(project: ProjectRecord, address: string, caller: Caller): Promise<boolean> {
    return caller.ip !== null && hasSignedInFrom(this.db, project, { address, ip: caller.ip, now: this.clock.now() })
  }
}
