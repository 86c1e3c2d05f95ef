import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { doneBy } from '../audit-actor.js'
import { refuseStrandingByProvider } from '../auth-service/refuse-stranding.js'
import type { Caller } from '../caller.js'
import { asProvider, type Provider } from './provider.js'
import { deleteProviderConfig, findProviderConfig } from '../records/provider-config.store.js'
import { knownProvider } from './read-provider-input.js'

/** Forgets client id and secret. Linked identities stay: with a new configuration of the same provider they work again. */
export class RemoveProvider {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  /** Throws `users_stranded` unless `force` says that it is known whom this locks out. */
  async execute(project: ProjectRecord, caller: Caller, provider: string, force = false): Promise<Provider> {
    knownProvider(provider)
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await findProviderConfig(tx, provider))) throw new AuthError('not_found')
      const people = await refuseStrandingByProvider(tx, project.settings, provider, force)
      await deleteProviderConfig(tx, provider)
      const metadata = people > 0 ? { peopleStranded: people } : {}
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'auth.provider_removed', resource: 'provider', resourceId: provider, metadata },
        now,
      )
    })
    return asProvider(project, provider, null, this.dataPlanePublicUrl)
  }
}
