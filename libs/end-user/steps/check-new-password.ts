import { checkPassword, PASSWORD_PROBLEM_MESSAGES } from '@portico/crypto/password-policy'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'

/** Throws `weak_password` with the reason when the project's policy refuses the password for this address. */
export function checkNewPassword(project: ProjectRecord, password: string, email: string | undefined): void {
  const problem = checkPassword(password, { minLength: project.settings.password_min_length, email, projectName: project.name })
  if (problem)
    throw new AuthError('weak_password', { details: [{ field: 'password', code: problem, message: PASSWORD_PROBLEM_MESSAGES[problem] }] })
}
