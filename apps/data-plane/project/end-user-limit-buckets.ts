import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from '@portico/end-user/caller'
import type { EndUserLimits, MailPurpose, PasswordAttempt, RecordedEvent } from '@portico/end-user/end-user-limits'
import { addressForLimits } from '@portico/http/client-address'
import { HOUR_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { LoginThrottle } from '@portico/rate-limit/progressive-delay'
import { throwWhenRefused, type RateLimits } from '@portico/rate-limit/rate-limiter'
import { limitAsSet } from './limit-as-set.js'

// Each costs a hash and could be a guess at the password that the link just set.
const SECOND_PRESS = { name: 'second_press', points: 5, windowSeconds: 2 * MINUTE_SECONDS }

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

  async admitPassword(project: ProjectRecord, address: string, caller: Caller): Promise<PasswordAttempt> {
    const who = { account: address, address: addressForLimits(caller.ip ?? 'unknown') }
    const attempt = await this.#throttle.admit(project.scope.projectId, who, {
      account: limitAsSet(project, 'login_account'),
      address: limitAsSet(project, 'login_client'),
    })
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

  async admitCode(project: ProjectRecord, address: string): Promise<void> {
    // Six digits: without the shared counter every guess is refused (promise P7).
    await this.limits.enforce(project.scope.projectId, [
      { limit: { ...limitAsSet(project, 'code_account'), whenStoreLost: 'refuse' }, subject: address },
    ])
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
