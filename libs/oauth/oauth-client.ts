import * as oauth from 'oauth4webapi'
import { clientAuthentication } from './client-authentication.js'
import { fetchGithubIdentity } from './github-identity.js'
import { OutboundError, type GuardedHttp, type OutboundFetch } from './guarded-http.js'
import { OAuthProblem } from './oauth-problem.js'
import { providerDefinition, type ProvidedIdentity, type ProviderConfig, type ProviderDefinition } from './provider.js'
import { requestOptions, ServerMetadata } from './server-metadata.js'

export interface AuthorizationRequest {
  redirectUri: string
  state: string
  nonce: string
  codeVerifier: string
}

export interface AuthorizationAnswer extends AuthorizationRequest {
  /** Query or form fields of the callback, as they came. */
  parameters: URLSearchParams
}

const CODE_NOBODY_ISSUED = 'portico-configuration-test'
/** RFC 6749, 5.2, and GitHub's word for it. */
const WRONG_CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'])
const MAX_PROFILE_TEXT = 512

/**
 * The client side of OAuth 2.0 and OpenID Connect. The protocol itself (metadata, PKCE, `iss`, ID token checks and signatures) is `oauth4webapi`;
 * every call goes through the guarded client, and every failure is an `OAuthProblem`.
 */
export class OAuthClient {
  readonly #metadata = new ServerMetadata()

  constructor(private readonly http: GuardedHttp) {}

  /** Where to send the browser. */
  authorizationUrl(config: ProviderConfig, request: AuthorizationRequest): Promise<URL> {
    return this.#work(config, async (definition, as) => {
      if (as.authorization_endpoint === undefined) throw new OAuthProblem('misconfigured', 'the provider has no authorization endpoint')
      const url = new URL(as.authorization_endpoint)
      if (url.protocol !== 'https:' && !this.http.allowLoopback) throw new OAuthProblem('misconfigured', 'the authorization endpoint is not https')
      const parameters: Record<string, string> = {
        client_id: config.clientId,
        redirect_uri: request.redirectUri,
        response_type: 'code',
        scope: (config.scopes ?? definition.scopes).join(' '),
        state: request.state,
        code_challenge: await oauth.calculatePKCECodeChallenge(request.codeVerifier),
        code_challenge_method: 'S256',
        ...(definition.protocol === 'oidc' && { nonce: request.nonce }),
        ...(definition.responseMode && { response_mode: definition.responseMode }),
        ...definition.parameters,
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url
    })
  }

  /** Checks the provider's answer, redeems its code and says who came. `state` was matched with the stored one by the caller already. */
  identify(config: ProviderConfig, answer: AuthorizationAnswer): Promise<ProvidedIdentity> {
    return this.#work(config, async (definition, as, fetch) => {
      const client: oauth.Client = { client_id: config.clientId }
      const options = requestOptions(fetch, this.http.allowLoopback)
      // Also the mix-up defence: `iss` in the answer must be this issuer, and be there if the server promises it (RFC 9207).
      const parameters = oauth.validateAuthResponse(as, client, answer.parameters, answer.state)
      const authentication = await clientAuthentication(config, definition, as)
      const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, answer.redirectUri, answer.codeVerifier, options)
      if (definition.protocol === 'github') {
        const token = await oauth.processAuthorizationCodeResponse(as, client, await githubErrors(response))
        return fetchGithubIdentity(fetch, as.userinfo_endpoint ?? '', token.access_token)
      }
      const token = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: answer.nonce, requireIdToken: true })
      await oauth.validateApplicationLevelSignature(as, response, options)
      const claims = oauth.getValidatedIdTokenClaims(token)
      if (!claims) throw new OAuthProblem('untrusted', 'the provider sent no ID token')
      return toIdentity(definition, await this.#withUserInfo(as, client, token.access_token, claims, options))
    })
  }

  /**
   * Asks the provider whether it knows this client, with a code that nobody issued: a right pair is told that the code is wrong,
   * a wrong one that the client is. Throws `OAuthProblem`; returns what could not be told.
   */
  async probe(config: ProviderConfig, redirectUri: string): Promise<void> {
    await this.#work(
      config,
      async (definition, as, fetch) => {
        const client: oauth.Client = { client_id: config.clientId }
        const options = requestOptions(fetch, this.http.allowLoopback)
        if (as.authorization_endpoint === undefined || as.token_endpoint === undefined) {
          throw new OAuthProblem('misconfigured', 'the provider names no authorization or token endpoint')
        }
        const authentication = await clientAuthentication(config, definition, as)
        const response = await oauth.genericTokenEndpointRequest(as, client, authentication, 'authorization_code', {
          code: CODE_NOBODY_ISSUED,
          redirect_uri: redirectUri,
          code_verifier: oauth.generateRandomCodeVerifier(),
        }, options)
        const body: unknown = await response.json().catch(() => null)
        const error = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : null
        if (error === 'invalid_grant' || error === 'bad_verification_code') return
        if (WRONG_CLIENT.has(error ?? '') || response.status === 401) {
          throw new OAuthProblem('wrong_client', 'the provider does not know this client id, or the secret is not its secret')
        }
        if (error === 'redirect_uri_mismatch') throw new OAuthProblem('wrong_client', 'the provider does not know this redirect_uri')
        if (response.status >= 500) throw new OAuthProblem('unavailable', `the token endpoint answered ${response.status}`)
        throw new OAuthProblem('misconfigured', `the token endpoint refused the call: ${shortCode(error) ?? response.status}`)
      },
      true,
    )
  }

  async #withUserInfo(
    as: oauth.AuthorizationServer,
    client: oauth.Client,
    accessToken: string,
    claims: oauth.IDToken,
    options: ReturnType<typeof requestOptions>,
  ): Promise<Record<string, unknown>> {
    // Several servers (oidc-provider among them) put the address only into the user info answer.
    if (claims['email'] !== undefined || as.userinfo_endpoint === undefined) return claims
    const response = await oauth.userInfoRequest(as, client, accessToken, options)
    return { ...(await oauth.processUserInfoResponse(as, client, claims.sub, response)), ...claims }
  }

  async #work<T>(
    config: ProviderConfig,
    work: (definition: ProviderDefinition, as: oauth.AuthorizationServer, fetch: OutboundFetch) => Promise<T>,
    fresh = false,
  ): Promise<T> {
    const definition = providerDefinition(config.provider)
    if (!definition) throw new OAuthProblem('misconfigured', 'the provider is not known')
    try {
      return await this.http.within(async (fetch) => {
        const as = await this.#metadata.get(config, definition, fetch, this.http.allowLoopback, fresh).catch((error: unknown) => {
          // A server that cannot say where its endpoints are is down or misnamed, whatever the details.
          throw error instanceof OutboundError || error instanceof OAuthProblem ? error : new OAuthProblem('unavailable', 'discovery failed', { cause: error })
        })
        return work(definition, as, fetch)
      })
    } catch (error) {
      throw toProblem(error)
    }
  }
}

function toProblem(error: unknown): OAuthProblem {
  if (error instanceof OAuthProblem) return error
  if (error instanceof OutboundError) {
    return error.problem === 'not_allowed'
      ? new OAuthProblem('misconfigured', 'the provider has an address that must not be called', { cause: error })
      : new OAuthProblem('unavailable', error.problem, { cause: error })
  }
  if (error instanceof oauth.AuthorizationResponseError) {
    const busy = error.error === 'temporarily_unavailable' || error.error === 'server_error'
    return new OAuthProblem(busy ? 'unavailable' : 'refused', shortCode(error.error) ?? 'error', { cause: error })
  }
  if (error instanceof oauth.ResponseBodyError) {
    if (error.status >= 500) return new OAuthProblem('unavailable', `the token endpoint answered ${error.status}`, { cause: error })
    return new OAuthProblem(WRONG_CLIENT.has(error.error) ? 'wrong_client' : 'refused', shortCode(error.error) ?? 'error', { cause: error })
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return new OAuthProblem('wrong_client', 'the token endpoint asked for other credentials', { cause: error })
  const inner = error instanceof Error ? error.cause : undefined
  if (inner instanceof Response && inner.status >= 500) return new OAuthProblem('unavailable', `answered ${inner.status}`, { cause: error })
  if (error instanceof Error && 'code' in error) return new OAuthProblem('untrusted', String(error.code), { cause: error })
  return new OAuthProblem('untrusted', 'the answer failed a check', { cause: error })
}

/** GitHub reports token errors with status 200; the library expects 400 (RFC 6749, 5.2). */
async function githubErrors(response: Response): Promise<Response> {
  const body = await response.text()
  const refused = response.status === 200 && /"error"\s*:/.test(body)
  return new Response(body, { status: refused ? 400 : response.status, headers: response.headers })
}

function toIdentity(definition: ProviderDefinition, claims: Record<string, unknown>): ProvidedIdentity {
  const text = (name: string): string | undefined => {
    const value = claims[name]
    return typeof value === 'string' && value !== '' ? value.slice(0, MAX_PROFILE_TEXT) : undefined
  }
  const subject = claims['sub']
  if (typeof subject !== 'string' || subject === '' || subject.length > 255) throw new OAuthProblem('untrusted', 'the subject is missing or too long')
  const name = text('name')
  const username = text('preferred_username')
  const picture = text('picture')
  return {
    subject,
    email: typeof claims['email'] === 'string' ? claims['email'] : null,
    emailVerified: definition.emailVerified(claims),
    profile: { ...(name && { name }), ...(username && { username }), ...(picture && { picture }) },
  }
}

function shortCode(error: string | null): string | null {
  return error !== null && /^[\w.-]{1,64}$/.test(error) ? error : null
}
