import type { ProjectRecord } from '@portico/database/project-directory'
import { formatId } from '@portico/kernel/ids'
import type { ProviderConfigRow } from '../records/provider-config.store.js'
import type { ProviderProblem } from '../records/provider-problem.store.js'

/** An identity provider of a project as its operator sees it, configured or not. */
export interface Provider {
  provider: string
  /** In the project's `providers`, so that end users may use it. */
  enabled: boolean
  redirectUri: string
  config: ProviderConfigRow | null
  /** Of the sign-ins that it made fail, the last. */
  lastProblem: ProviderProblem | null
}

export function asProvider(
  project: ProjectRecord,
  provider: string,
  config: ProviderConfigRow | null,
  dataPlanePublicUrl: string,
  lastProblem: ProviderProblem | null = null,
): Provider {
  const enabled = project.settings.providers.includes(provider)
  return { provider, enabled, redirectUri: redirectUri(project, provider, dataPlanePublicUrl), config, lastProblem }
}

/** Where the provider must send the browser back to; the operator copies it into the provider's console. */
export function redirectUri(project: ProjectRecord, provider: string, dataPlanePublicUrl: string): string {
  return `${dataPlanePublicUrl}/${formatId('proj', project.scope.projectId)}/oauth/${provider}/callback`
}
