import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'

/** Throws `mfa_not_enabled` where the project wants no second factors. */
export function requireMfa(project: ProjectRecord): void {
  if (project.settings.mfa === 'off') throw new AuthError('mfa_not_enabled')
}
