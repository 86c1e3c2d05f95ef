import type { Captcha } from '@portico/platform/auth-providers/captcha'
import type { Provider } from '@portico/platform/auth-providers/provider'

/** The secret is never answered again, not even in part. */
export function providerAnswer({ provider, enabled, redirectUri, config }: Provider) {
  const extra = config?.extra ?? {}
  return {
    provider,
    enabled,
    configured: config !== null,
    redirect_uri: redirectUri,
    client_id: config?.clientId ?? null,
    issuer: config?.issuer ?? null,
    scopes: config?.scopes ?? null,
    tenant: extra['tenant'] ?? null,
    team_id: extra['team_id'] ?? null,
    key_id: extra['key_id'] ?? null,
    base_url: extra['base_url'] ?? null,
    /** The directory that a Microsoft domain name was resolved to. */
    tenant_id: extra['tenant_id'] ?? null,
    token_endpoint_auth_method: extra['token_endpoint_auth_method'] ?? null,
    expected_issuer: extra['expected_issuer'] ?? null,
    discovery_url: extra['discovery_url'] ?? null,
    id_token_signed_response_alg: extra['id_token_signed_response_alg'] ?? null,
    require_nonce: extra['require_nonce'] === undefined ? null : extra['require_nonce'] === 'true',
    created_at: config?.createdAt.toISOString() ?? null,
    updated_at: config?.updatedAt.toISOString() ?? null,
  }
}

export function providerTestAnswer({ provider, issuer }: { provider: string; issuer: string | null }) {
  return { ok: true as const, provider, issuer }
}

export function captchaAnswer(captcha: Captcha | null) {
  return { captcha: captcha && { provider: captcha.provider, site_key: captcha.site_key } }
}
