import type { ConsoleOidcConfig } from '@portico/config/console-config'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import type { ProvidedIdentity, ProviderConfig } from '@portico/oauth/provider'
import { callbackUrl } from './console-settings.js'
import type { SignInFlow } from './sign-in-flow.js'

/** As it stands in the identities of people and in the audit log. */
export const OUTSIDE_PROVIDER = 'oidc:console'

/** Mode `oidc`: the operator's own issuer, by code with PKCE, state and nonce. */
export class OutsideIssuer {
  readonly #provider: ProviderConfig

  constructor(
    private readonly client: OAuthClient,
    private readonly config: ConsoleOidcConfig,
    private readonly publicUrl: string,
  ) {
    this.#provider = {
      // Calls are counted by project and tenant; this is the installation's own.
      projectId: 'console',
      tenantId: 'console',
      provider: OUTSIDE_PROVIDER,
      clientId: config.clientId,
      clientSecret: config.clientSecret,
      issuer: config.issuer,
      scopes: config.scopes,
      options: {},
      groupsClaim: config.groupsClaim,
    }
  }

  /** Throws `OAuthProblem`. */
  authorizationUrl({ state, nonce, codeVerifier }: SignInFlow): Promise<URL> {
    return this.client.authorizationUrl(this.#provider, { redirectUri: callbackUrl(this.publicUrl), state, nonce, codeVerifier })
  }

  /** Throws `OAuthProblem`. */
  identify({ state, nonce, codeVerifier }: SignInFlow, parameters: URLSearchParams): Promise<ProvidedIdentity> {
    return this.client.identify(this.#provider, { redirectUri: callbackUrl(this.publicUrl), state, nonce, codeVerifier, parameters })
  }

  /** `null`: in none of the groups, and nobody else may come. */
  roleOf({ groups = [] }: ProvidedIdentity): string | null {
    const found = this.config.groups.find(({ names }) => names.some((name) => groups.includes(name)))?.role
    return found ?? (this.config.fallbackRole === 'none' ? null : this.config.fallbackRole)
  }
}
