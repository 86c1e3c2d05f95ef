import { providerSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { snakeCase } from '@portico/kernel/snake-case'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { asProvider, type Provider } from './provider.js'
import { findProviderConfig, putProviderConfig, type ProviderConfigRow } from '../records/provider-config.store.js'
import { knownProvider, readProviderInput, type ProviderInput, type ReadProvider } from './read-provider-input.js'

/** Stores client id and secret of a provider. Whether end users may use it is said in the project's `providers`. */
export class SetProvider {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly client: OAuthClient,
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async execute(project: ProjectRecord, caller: Caller, provider: string, input: ProviderInput): Promise<Provider> {
    const read = readProviderInput(knownProvider(provider), input, this.http.allowLoopback)
    await this.#refuseInner(read)
    const { projectId } = project.scope
    const tenantId = await this.#tenantId(project, provider, input, read)
    const now = this.clock.now()
    const config = await this.db.transaction(project.scope, async (tx) => {
      const before = await findProviderConfig(tx, provider)
      const secretSealed =
        input.clientSecret === undefined
          ? keptSecret(before, input, read)
          : this.box.seal(input.clientSecret, providerSecretContext(projectId, provider))
      const options = { ...read.options, ...(tenantId !== null && { tenantId }) }
      const saved = await putProviderConfig(tx, { provider, clientId: input.clientId, secretSealed, ...read, options }, now)
      const metadata = { clientId: input.clientId, secretChanged: input.clientSecret !== undefined }
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'auth.provider_configured', resource: 'provider', resourceId: provider, metadata },
        now,
      )
      return saved
    })
    return asProvider(project, provider, config, this.dataPlanePublicUrl)
  }

  /** The guarded client would not call them either; here the operator hears it at once. */
  async #refuseInner(read: ReadProvider): Promise<void> {
    const urls = { issuer: read.issuer, baseUrl: read.options.baseUrl, discoveryUrl: read.options.discoveryUrl }
    const called = Object.entries(urls).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const inner = await Promise.all(called.map(async ([name, url]) => ((await this.http.isInner(new URL(url))) ? snakeCase(name) : null)))
    const details = inner
      .filter((field) => field !== null)
      .map((field) => ({ field, code: 'invalid_url', message: 'This address is not on the public Internet.' }))
    if (details.length > 0) throw new AuthError('validation_error', { details })
  }

  /**
   * The directory that a Microsoft domain name stands for, once and for all: the name may be given to another one some day. `null` for
   * everything else, and while Microsoft does not answer; then the test call pins it.
   */
  async #tenantId(project: ProjectRecord, provider: string, input: ProviderInput, read: ReadProvider): Promise<string | null> {
    if (!read.options.tenant?.includes('.')) return null
    const before = await this.db.transaction(project.scope, (tx) => findProviderConfig(tx, provider))
    const pinned = before?.options.tenant === read.options.tenant ? before?.options.tenantId : undefined
    if (pinned !== undefined) return pinned
    try {
      return await this.client.tenantId({
        projectId: project.scope.projectId,
        tenantId: project.scope.tenantId,
        provider,
        clientId: input.clientId,
        clientSecret: '',
        ...read,
      })
    } catch (error) {
      if (!(error instanceof OAuthProblem)) throw error
      if (error.kind === 'unavailable') return null
      throw invalidField('tenant', 'unknown', 'Microsoft knows no such tenant.')
    }
  }
}

/** A stored secret goes only where it went before: a caller that may write but not read must not have it sent to an address of theirs. */
function keptSecret(before: ProviderConfigRow | null, input: ProviderInput, read: ReadProvider): Buffer {
  const places = ['baseUrl', 'discoveryUrl'] as const
  const same =
    before &&
    before.clientId === input.clientId &&
    before.issuer === read.issuer &&
    places.every((field) => before.options[field] === read.options[field])
  if (!same) throw invalidField('clientSecret', 'required', 'This field is required.')
  return before.secretSealed
}
