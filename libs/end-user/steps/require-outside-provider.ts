import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import type { ProviderConfig } from '@portico/oauth/provider'
import { findProviderConfig } from '../records/provider-config.store.js'

/** The configuration of a provider that is on. Throws `provider_not_enabled` when it is off, unknown, or has no client yet. */
export async function requireOutsideProvider(
  db: ProjectDb,
  box: SealedBox,
  project: ProjectRecord,
  provider: string,
): Promise<ProviderConfig> {
  const on = isOutsideProvider(provider) && project.settings.providers.includes(provider)
  const config = on ? await findProviderConfig(db, box, project, provider) : null
  if (!config) throw new AuthError('provider_not_enabled')
  return config
}
