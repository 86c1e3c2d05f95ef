import { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProvidedIdentity, ProviderConfig } from '@portico/oauth/provider'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import type { FakeIssuer } from '../support/fake-issuer.js'

export const REDIRECT_URI = 'https://auth.example/proj/oauth/x/callback'
const VERIFIER = 'v'.repeat(43)

export const configOf = (issuer: FakeIssuer, more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  projectId: 'project',
  tenantId: 'tenant',
  provider: 'oidc:fake',
  clientId: issuer.clientId,
  clientSecret: issuer.clientSecret,
  issuer: issuer.issuer,
  scopes: null,
  options: {},
  ...more,
})

/** A client that remembers nothing yet. */
export const newClient = () => new OAuthClient(new GuardedHttp({ allowLoopback: true, timeLimitMs: 1_500 }))

/** One whole sign-in: the authorization request, the provider's answer, and who came; or the problem. */
export async function signIn(
  issuer: FakeIssuer,
  {
    config = configOf(issuer),
    client = newClient(),
    fields = {},
  }: { config?: ProviderConfig; client?: OAuthClient; fields?: Record<string, string> } = {},
): Promise<ProvidedIdentity | OAuthProblem> {
  const request = { redirectUri: REDIRECT_URI, state: 's'.repeat(43), nonce: 'n'.repeat(43), codeVerifier: VERIFIER }
  try {
    const url = await client.authorizationUrl(config, request)
    issuer.nonce = url.searchParams.get('nonce')
    const parameters = new URLSearchParams({ ...('error' in fields ? {} : { code: 'code-1' }), state: request.state, ...fields })
    return await client.identify(config, { ...request, parameters })
  } catch (error) {
    if (error instanceof OAuthProblem) return error
    throw error
  }
}

/** What became of it, in one line for a table. */
export function outcome(result: ProvidedIdentity | OAuthProblem): string {
  if (result instanceof OAuthProblem) return result.kind
  return `${result.email ?? 'no address'}, ${result.emailVerified ? 'verified' : 'not verified'}`
}
