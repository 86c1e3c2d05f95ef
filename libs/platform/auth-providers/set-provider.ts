import { providerSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { providerAnswer } from './provider-answer.js'
import { findProviderConfig, putProviderConfig, type ProviderConfigRow } from '../records/provider-config.store.js'
import { knownProvider, readProviderInput, type ProviderInput, type ReadProvider } from './read-provider-input.js'

/** Stores client id and secret of a provider. Whether end users may use it is said in the project's `providers`. */
export class SetProvider {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
    private readonly allowLoopback: boolean,
  ) {}

  async execute(project: ProjectRecord, caller: Caller, provider: string, input: ProviderInput) {
    const read = readProviderInput(knownProvider(provider), input, this.allowLoopback)
    const { projectId } = project.scope
    const now = this.clock.now()
    const config = await this.db.transaction(project.scope, async (tx) => {
      const before = await findProviderConfig(tx, provider)
      const secretSealed = input.clientSecret === undefined ? keptSecret(before, input, read) : this.box.seal(input.clientSecret, providerSecretContext(projectId, provider))
      const saved = await putProviderConfig(tx, { provider, clientId: input.clientId, secretSealed, ...read }, now)
      const metadata = { client_id: input.clientId, secret_changed: input.clientSecret !== undefined }
      await recordAudit(tx, { ...doneBy(caller), action: 'auth.provider_configured', resource: 'provider', resourceId: provider, metadata }, now)
      return saved
    })
    return providerAnswer(project, provider, config, this.dataPlanePublicUrl)
  }
}

/** A stored secret goes only where it went before: whoever may write but not read must not have it sent to an address of theirs. */
function keptSecret(before: ProviderConfigRow | null, input: ProviderInput, read: ReadProvider): Buffer {
  const same = before && before.clientId === input.clientId && before.issuer === read.issuer && before.extra['base_url'] === read.extra['base_url']
  if (!same) throw invalidField('client_secret', 'required', 'This field is required.')
  return before.secretSealed
}
