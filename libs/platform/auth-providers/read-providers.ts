import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { SOCIAL_PROVIDERS } from '@portico/kernel/settings/providers'
import { asProvider, type Provider } from './provider.js'
import { findProviderConfig, listProviderConfigs } from '../records/provider-config.store.js'
import { knownProvider } from './read-provider-input.js'

/** Every provider there could be, configured or not: the operator needs the redirect URI before there is a client id. */
export class ReadProviders {
  constructor(
    private readonly db: ProjectDb,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async list(project: ProjectRecord): Promise<Provider[]> {
    const configs = await this.db.transaction(project.scope, (tx) => listProviderConfigs(tx))
    const own = [...project.settings.providers, ...configs.map((config) => config.provider)].filter((name) => name.startsWith('oidc:'))
    const names = [...SOCIAL_PROVIDERS, ...new Set(own)]
    return names.map((name) =>
      asProvider(project, name, configs.find((config) => config.provider === name) ?? null, this.dataPlanePublicUrl),
    )
  }

  async read(project: ProjectRecord, provider: string): Promise<Provider> {
    knownProvider(provider)
    return asProvider(
      project,
      provider,
      await this.db.transaction(project.scope, (tx) => findProviderConfig(tx, provider)),
      this.dataPlanePublicUrl,
    )
  }
}
