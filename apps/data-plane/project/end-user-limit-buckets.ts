import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from '@portico/end-user/caller'
import type { EndUserLimits, MailPurpose, PasswordAttempt, RecordedEvent } from '@portico/end-user/end-user-limits'
import { addressForLimits } from '@portico/http/client-address'
import { AuthError } from '@portico/kernel/auth-error'
import { HOUR_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { LoginThrottle, type LoginBuckets } from '@portico/rate-limit/progressive-delay'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import { throwWhenRefused } from '@portico/rate-limit/limit-result'
import { limitAsSet } from './limit-as-set.js'

// Each costs a hash and could be a guess at the password that the link just set.
const SECOND_PRESS = { name: 'second_press', points: 5, windowSeconds: 2 * MINUTE_SECONDS }

// For wrong passwords of people who are known at a client address, as a multiple of what strangers behind it have.
const KNOWN_CLIENT_FACTOR = 10

// Of like events in an hour: the first ones, then one in each tenfold.
const FIRST_ONES = 5
const FIRST_ONES_OF_PROJECT = 1_000
const COUNTED = { points: 1_000_000, windowSeconds: HOUR_SECONDS }

/** The limits of the use cases, counted in the shared store. */
export class EndUserLimitBuckets implements EndUserLimits {
  readonly #throttle: LoginThrottle

  constructor(private readonly limits: RateLimits) {
    this.#throttle = new LoginThrottle(limits)
  }

  async admitPassword(project: ProjectRecord, address: string, caller: Caller, device: string | null): Promise<PasswordAttempt> {
    const { projectId } = project.scope
    const account = limitAsSet(project, 'login_account')
    const own = device === null ? null : await this.#admitDevice(projectId, { ...account, name: 'login_device' }, `${address} ${device}`)
    // A device that has used up its own is a stranger: whoever stole its token must not lock its owner out with it.
    if (own) return own
    return this.#admit(projectId, {
      guesses: { limit: account, subject: address },
      client: { limit: limitAsSet(project, 'login_client'), subject: clientOf(caller) },
    })
  }

  async admitFromKnownAddress(project: ProjectRecord, address: string, caller: Caller): Promise<PasswordAttempt | null> {
    const client = limitAsSet(project, 'login_client')
    return this.#unlessFull(project.scope.projectId, {
      guesses: { limit: { ...limitAsSet(project, 'login_account'), name: 'login_known_address' }, subject: `${address} ${clientOf(caller)}` },
      // Everybody who has ever signed in from an office has such attempts: together they are no licence to try them all.
      client: { limit: { ...client, name: 'login_known_client', points: client.points * KNOWN_CLIENT_FACTOR }, subject: clientOf(caller) },
    })
  }

  #admitDevice(projectId: string, limit: Limit, subject: string): Promise<PasswordAttempt | null> {
    return this.#unlessFull(projectId, { guesses: { limit, subject }, client: null })
  }

  async #unlessFull(projectId: string, buckets: LoginBuckets): Promise<PasswordAttempt | null> {
    try {
      return await this.#admit(projectId, buckets)
    } catch (error) {
      if (error instanceof AuthError && error.code === 'rate_limited') return null
      throw error
    }
  }

  async #admit(projectId: string, buckets: LoginBuckets): Promise<PasswordAttempt> {
    const attempt = await this.#throttle.admitTo(projectId, buckets)
    return { failed: () => this.#throttle.failed(attempt), succeeded: async () => this.#throttle.succeeded(attempt) }
  }

  async admitReset(project: ProjectRecord, address: string): Promise<boolean> {
    const [reset, mail] = await this.limits.consumeAll(project.scope.projectId, [
      { limit: limitAsSet(project, 'reset_account'), subject: address },
      { limit: limitAsSet(project, 'mail_account'), subject: `password_reset ${address}` },
    ])
    if (reset) throwWhenRefused([reset])
    return mail?.allowed ?? false
  }

  async mayMail(project: ProjectRecord, purpose: MailPurpose, address: string): Promise<boolean> {
    const mail = await this.limits.consume(project.scope.projectId, limitAsSet(project, 'mail_account'), `${purpose} ${address}`)
    return mail.allowed
  }

  async admitSignInMail(project: ProjectRecord, address: string): Promise<boolean> {
    const mail = await this.limits.consume(project.scope.projectId, limitAsSet(project, 'mail_account'), `sign_in ${address}`)
    if (!mail.allowed) return false
    await this.limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, 'mail_project'), subject: 'all' }])
    return true
  }

  async admitCode(project: ProjectRecord, address: string, known: string | null): Promise<void> {
    // Six digits: without the shared counter every guess is refused (promise P7).
    const limit: Limit = { ...limitAsSet(project, 'code_account'), whenStoreLost: 'refuse' }
    const own = { limit: { ...limit, name: 'code_known' }, subject: `${address} ${addressForLimits(known ?? 'unknown')}` }
    await this.limits.enforce(project.scope.projectId, [known === null ? { limit, subject: address } : own])
  }

  async admitEmailChange(project: ProjectRecord, userId: string): Promise<void> {
    await this.limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, 'email_change_account'), subject: userId }])
  }

  async admitSecondPress(project: ProjectRecord, link: string): Promise<boolean> {
    return (await this.limits.consume(project.scope.projectId, SECOND_PRESS, link)).allowed
  }

  async worthRecording(project: ProjectRecord, event: RecordedEvent, subject: string): Promise<number | null> {
    const { projectId } = project.scope
    const { used } = await this.limits.consume(projectId, { ...COUNTED, name: `recorded_${event}` }, subject)
    if (!isWorth(used, FIRST_ONES)) return null
    // Only what would be written counts for the project, so that a flood at one subject leaves room for the others.
    const all = await this.limits.consume(projectId, { ...COUNTED, name: `recorded_${event}_all` }, 'all')
    return isWorth(all.used, FIRST_ONES_OF_PROJECT) ? used : null
  }
}

function isWorth(count: number, firstOnes: number): boolean {
  return count <= firstOnes || /^10*$/.test(String(count))
}

function clientOf(caller: Caller): string {
  return addressForLimits(caller.ip ?? 'unknown')
}
