import { checkPassword, PASSWORD_PROBLEM_MESSAGES, type PasswordProblem } from '@portico/crypto/password-policy'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { appName } from '@portico/kernel/settings/branding'
import { LeakedPasswords } from '../abuse/leaked-passwords.js'

/** The one place that says whether a password may be set: whatever sets one asks it before the hash. */
export class CheckNewPassword {
  readonly #leaked: LeakedPasswords

  constructor(clock: Clock, options: { allowLoopback: boolean }) {
    this.#leaked = new LeakedPasswords(options, clock)
  }

  /** Throws `weak_password` with the reason when the project's policy refuses the password for this address. */
  async execute(project: ProjectRecord, password: string, email: string | undefined): Promise<void> {
    const problem = await this.problemOf(project, password, email)
    if (problem)
      throw new AuthError('weak_password', { details: [{ field: 'password', code: problem, message: PASSWORD_PROBLEM_MESSAGES[problem] }] })
  }

  async problemOf(project: ProjectRecord, password: string, email: string | undefined): Promise<PasswordProblem | null> {
    const { password_min_length: minLength, leaked_password_url: url } = project.settings
    const problem = checkPassword(password, { minLength, email, projectName: appName(project) })
    if (problem !== null || url === null) return problem
    return (await this.#leaked.has(project.scope, url, password)) ? 'leaked' : null
  }
}
