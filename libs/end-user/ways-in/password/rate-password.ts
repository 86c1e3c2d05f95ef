import type { PasswordProblem } from '@portico/crypto/password-policy'
import { ratePassword, type PasswordRating } from '@portico/crypto/password-rating'
import type { ProjectRecord } from '@portico/database/project-directory'
import { appName } from '@portico/kernel/settings/branding'
import { requireEmailProvider } from '../../project/require-provider.js'
import { readEmail } from '../../read-email.js'
import type { CheckNewPassword } from '../../steps/check-new-password.js'

export interface RatedPassword extends PasswordRating {
  /** Why it could not be set; `null`: it could. */
  problem: PasswordProblem | null
}

/** For the meter of a form: how hard a password is to guess, and whether it could be set. Nothing is stored and nobody is asked for. */
export class RatePassword {
  constructor(private readonly checkNewPassword: CheckNewPassword) {}

  async execute(project: ProjectRecord, input: { password: string; email?: string | undefined }): Promise<RatedPassword> {
    requireEmailProvider(project)
    const email = input.email === undefined ? undefined : readEmail(input.email).normalised
    const problem = await this.checkNewPassword.problemOf(project, input.password, email)
    // What an attacker who knows the account would try first.
    const known = [appName(project), ...(email === undefined ? [] : [email, ...email.split('@'), ...email.split(/[@.]/)])]
    return { ...(await ratePassword(input.password, known)), problem }
  }
}
