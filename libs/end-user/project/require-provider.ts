import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'

/** Throws `provider_not_enabled` unless the project has turned email and password on. */
export function requireEmailProvider(project: ProjectRecord): void {
  if (!project.settings.providers.includes('email')) throw new AuthError('provider_not_enabled')
}
