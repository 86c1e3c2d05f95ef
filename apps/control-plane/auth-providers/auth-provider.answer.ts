import type { Captcha } from '@portico/platform/auth-providers/captcha'
import type { Provider } from '@portico/platform/auth-providers/provider'

/** The secret is never answered again, not even in part. */
export function providerAnswer({ provider, enabled, redirectUri, config, lastProblem }: Provider) {
  const options = config?.options ?? {}
  return {
    provider,
    enabled,
    configured: config !== null,
    redirect_uri: redirectUri,
    client_id: config?.clientId ?? null,
    issuer: config?.issuer ?? null,
    scopes: config?.scopes ?? null,
    tenant: options.tenant ?? null,
    team_id: options.teamId ?? null,
    key_id: options.keyId ?? null,
    base_url: options.baseUrl ?? null,
    /** The directory that a Microsoft domain name was resolved to. */
    tenant_id: options.tenantId ?? null,
    token_endpoint_auth_method: options.tokenEndpointAuthMethod ?? null,
    expected_issuer: options.expectedIssuer ?? null,
    discovery_url: options.discoveryUrl ?? null,
    id_token_signed_response_alg: options.idTokenSignedResponseAlg ?? null,
    require_nonce: options.requireNonce === undefined ? null : options.requireNonce === 'true',
    last_problem: lastProblem && {
      kind: lastProblem.kind,
      detail: lastProblem.detail,
      reason: lastProblem.reason,
      at: lastProblem.at.toISOString(),
    },
    created_at: config?.createdAt.toISOString() ?? null,
    updated_at: config?.updatedAt.toISOString() ?? null,
  }
}

export function providerTestAnswer({ provider, issuer }: { provider: string; issuer: string | null }) {
  return { ok: true as const, provider, issuer }
}

export function captchaAnswer(captcha: Captcha | null) {
  return { captcha: captcha && { provider: captcha.provider, site_key: captcha.siteKey } }
}
