import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { SOCIAL_PROVIDERS } from '@portico/kernel/settings/providers'
import { asProvider, type Provider } from './provider.js'
import { findProviderConfig, listProviderConfigs } from '../records/provider-config.store.js'
import { lastProviderProblems } from '../records/provider-problem.store.js'
import { knownProvider } from './read-provider-input.js'

/** Every provider there could be, configured or not: the operator needs the redirect URI before there is a client id. */
export class ReadProviders {
  constructor(
    private readonly db: ProjectDb,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async list(project: ProjectRecord): Promise<Provider[]> {
    const { names, configs, problems } = await this.db.transaction(project.scope, async (tx) => {
      const stored = await listProviderConfigs(tx)
      const own = [...project.settings.providers, ...stored.map((config) => config.provider)].filter((name) => name.startsWith('oidc:'))
      const all = [...SOCIAL_PROVIDERS, ...new Set(own)]
      return { names: all, configs: stored, problems: await lastProviderProblems(tx, all) }
    })
    const configOf = (name: string) => configs.find((config) => config.provider === name) ?? null
    return names.map((name) => asProvider(project, name, configOf(name), this.dataPlanePublicUrl, problems.get(name) ?? null))
  }

  async read(project: ProjectRecord, provider: string): Promise<Provider> {
    knownProvider(provider)
    const { config, problems } = await this.db.transaction(project.scope, async (tx) => ({
      config: await findProviderConfig(tx, provider),
      problems: await lastProviderProblems(tx, [provider]),
    }))
    return asProvider(project, provider, config, this.dataPlanePublicUrl, problems.get(provider) ?? null)
  }
}
