import type { ProjectRecord } from '@portico/database/project-directory'
import { formatId } from '@portico/kernel/ids'
import type { ProviderConfigRow } from '../records/provider-config.store.js'

/** Where the provider must send the browser back to; the operator copies it into the provider's console. */
export function redirectUri(project: ProjectRecord, provider: string, dataPlanePublicUrl: string): string {
  return `${dataPlanePublicUrl}/${formatId('proj', project.scope.projectId)}/oauth/${provider}/callback`
}

/** The secret is never answered again, not even in part. */
export function providerAnswer(project: ProjectRecord, provider: string, config: ProviderConfigRow | null, dataPlanePublicUrl: string) {
  return {
    provider,
    /** In the project's `providers`, so that end users may use it. */
    enabled: project.settings.providers.includes(provider),
    configured: config !== null,
    redirect_uri: redirectUri(project, provider, dataPlanePublicUrl),
    client_id: config?.clientId ?? null,
    issuer: config?.issuer ?? null,
    scopes: config?.scopes ?? null,
    tenant: config?.extra['tenant'] ?? null,
    team_id: config?.extra['team_id'] ?? null,
    key_id: config?.extra['key_id'] ?? null,
    base_url: config?.extra['base_url'] ?? null,
    /** The directory that a Microsoft domain name was resolved to. */
    tenant_id: config?.extra['tenant_id'] ?? null,
    token_endpoint_auth_method: config?.extra['token_endpoint_auth_method'] ?? null,
    expected_issuer: config?.extra['expected_issuer'] ?? null,
    discovery_url: config?.extra['discovery_url'] ?? null,
    id_token_signed_response_alg: config?.extra['id_token_signed_response_alg'] ?? null,
    require_nonce: config?.extra['require_nonce'] === undefined ? null : config.extra['require_nonce'] === 'true',
    created_at: config?.createdAt.toISOString() ?? null,
    updated_at: config?.updatedAt.toISOString() ?? null,
  }
}
