import { providerSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import { redirectUri } from './provider.js'
import { findProviderConfig, putProviderConfig, type ProviderConfigRow } from '../records/provider-config.store.js'
import { knownProvider } from './read-provider-input.js'

/** Asks the provider whether it knows the stored client, so that a mistyped pair is found by the operator and not by the first user. */
export class TestProvider {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly client: OAuthClient,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  /** Throws `not_found` when nothing is configured, `provider_test_failed` with the field to correct, `unavailable`. */
  async execute(project: ProjectRecord, provider: string): Promise<{ provider: string; issuer: string | null }> {
    const definition = knownProvider(provider)
    const row = await this.db.transaction(project.scope, (tx) => findProviderConfig(tx, provider))
    if (!row) throw new AuthError('not_found')
    const clientSecret = this.box.open(row.secretSealed, providerSecretContext(project.scope.projectId, provider)).toString('utf8')
    const config = {
      projectId: project.scope.projectId,
      tenantId: project.scope.tenantId,
      provider,
      clientId: row.clientId,
      clientSecret,
      issuer: row.issuer,
      scopes: row.scopes,
      options: row.options,
    }
    try {
      const issuer = await this.client.probe(config, redirectUri(project, provider, this.dataPlanePublicUrl))
      const tenantId = row.options.tenantId === undefined ? await this.client.tenantId(config) : null
      if (tenantId !== null) await this.#pin(project, row, tenantId)
      return { provider, issuer }
    } catch (error) {
      if (!(error instanceof OAuthProblem)) throw error
      if (error.kind === 'unavailable') {
        throw new AuthError('unavailable', {
          cause: error,
          retryAfterSeconds: 5,
          message: 'The provider does not answer, or its issuer is wrong. Check the issuer, then try again.',
        })
      }
      const field = error.kind === 'wrong_client' ? 'client_secret' : definition.ownIssuer === 'refused' ? 'client_id' : 'issuer'
      throw new AuthError('provider_test_failed', {
        cause: error,
        details: [{ field, code: error.kind, message: `The provider says: ${error.detail}.` }],
      })
    }
  }

  /** Microsoft did not answer when the domain name was saved; now it did. */
  async #pin(project: ProjectRecord, row: ProviderConfigRow, tenantId: string): Promise<void> {
    await this.db.transaction(project.scope, async (tx) => {
      const current = await findProviderConfig(tx, row.provider)
      if (!current || current.options.tenant !== row.options.tenant || current.options.tenantId !== undefined) return
      await putProviderConfig(tx, { ...current, options: { ...current.options, tenantId } }, this.clock.now())
    })
  }
}
