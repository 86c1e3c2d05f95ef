import type { ProjectRecord } from '@portico/database/project-directory'
import { invalidField } from '@portico/kernel/auth-error'
import { isAllowedRedirect } from '@portico/kernel/redirect-url'

/** Throws `validation_error` unless the mailed link may lead there. The worker asks again when it writes the mail. */
export function checkRedirectTarget(project: ProjectRecord, redirectTo: string | undefined): void {
  if (redirectTo === undefined || isAllowedRedirect(project.settings, redirectTo)) return
  throw invalidField('redirectTo', 'not_allowed', 'This is not one of the redirect URLs of the project.')
}
