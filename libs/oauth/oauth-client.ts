import type { GuardedHttp, OutboundFetch } from '@portico/outbound/guarded-http'
import * as oauth from 'oauth4webapi'
import { clientAuthentications } from './client-authentication.js'
import { fetchGithubIdentity } from './github-identity.js'
import { isMicrosoftDomain, microsoftTenantId } from './microsoft.js'
import { OAuthProblem } from './oauth-problem.js'
import { providerDefinition } from './known-providers.js'
import type { Claims, ProvidedIdentity, ProviderConfig, ProviderDefinition } from './provider.js'
import { readAddress, readFirstProfile, readGroups, readIdentity, readSubject } from './read-identity.js'
import { isRecord } from './read-json.js'
import { endpoint, requestOptions, ServerMetadata } from './server-metadata.js'
import { said, toProblem, WRONG_CLIENT, WRONG_CODE } from './to-problem.js'
import { githubErrors, mentionsNonce, readTokenAnswer } from './token-answer.js'
import { TokenKeys, verifyWithSecret } from './token-keys.js'
import { fetchUserInfo } from './user-info.js'

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

/** What the client needs of `GuardedHttp`. */
export type Outbound = Pick<GuardedHttp, 'allowLoopback' | 'within'>

interface Talk {
  config: ProviderConfig
  definition: ProviderDefinition
  as: oauth.AuthorizationServer
  client: oauth.Client
  fetch: OutboundFetch
}

const NEVER_ISSUED_CODE = 'portico-configuration-test'

/**
 * The client side of OAuth 2.0 and OpenID Connect. The protocol itself (PKCE, `iss`, ID token checks and signatures) is `oauth4webapi`;
 * every call goes through the guarded client, and every failure is an `OAuthProblem`.
 */
export class OAuthClient {
  readonly #metadata = new ServerMetadata()
  readonly #keys: TokenKeys

  constructor(private readonly http: Outbound) {
    this.#keys = new TokenKeys(http.allowLoopback)
  }

  /** Where to send the browser. */
  authorizationUrl(config: ProviderConfig, request: AuthorizationRequest): Promise<URL> {
    return this.#work(config, async ({ definition, as }) => {
      const url = endpoint(as, 'authorization_endpoint', this.http.allowLoopback)
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
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url
    })
  }

  /** Checks the provider's answer, redeems its code and says who came. `state` was matched with the stored one by the caller already. */
  identify(config: ProviderConfig, answer: AuthorizationAnswer): Promise<ProvidedIdentity> {
    return this.#work(config, async (talk) => {
      const { as, client, definition, fetch } = talk
      // Also the mix-up defence: `iss` in the answer must be this issuer, and be there if the server promises it (RFC 9207).
      const parameters = oauth.validateAuthResponse(as, client, answer.parameters, answer.state)
      const options = requestOptions(fetch, this.http.allowLoopback)
      const response = await this.#tokenRequest(talk, (authentication) =>
        oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, answer.redirectUri, answer.codeVerifier, options))
      if (definition.protocol === 'github') {
        const token = await oauth.processAuthorizationCodeResponse(as, client, await readTokenAnswer(await githubErrors(response)))
        return fetchGithubIdentity(fetch, endpoint(as, 'userinfo_endpoint', this.http.allowLoopback), token.access_token)
      }
      const { claims, accessToken } = await this.#idToken(talk, response, answer.nonce)
      const subject = readSubject(claims.sub)
      const firstProfile = readFirstProfile(answer.parameters.get('user'))
      const { groupsClaim, keepClaims = false } = config
      const groupsOf = (documents: readonly Claims[]) => (groupsClaim === undefined ? [] : readGroups(groupsClaim, documents))
      const person = (identity: ProvidedIdentity, documents: readonly Claims[]): ProvidedIdentity => ({
        ...identity,
        ...(groupsClaim !== undefined && { groups: groupsOf(documents) ?? [] }),
        ...(keepClaims && { claims: documents }),
        ...(Object.keys(firstProfile).length > 0 && { firstProfile }),
      })
      // Several servers (oidc-provider among them) put the address only into the user info answer.
      if (readAddress(claims) !== null && groupsOf([claims]) !== null) return person(readIdentity(definition, subject, [claims]), [claims])
      const info = await fetchUserInfo({ as, client, accessToken, subject }, fetch, this.#keys, this.http.allowLoopback)
      if ('unread' in info) return person({ ...readIdentity(definition, subject, [claims]), unread: info.unread }, [claims])
      const documents = [claims, info.claims]
      return person(readIdentity(definition, subject, documents), documents)
    })
  }

  /**
   * Asks the provider whether it knows this client, with a code that was never issued: a right pair is told that the code is wrong,
   * a wrong one that the client is. Throws `OAuthProblem`. Answers the issuer that tokens must name.
   */
  async probe(config: ProviderConfig, redirectUri: string): Promise<string> {
    const probing = async (talk: Talk): Promise<string> => {
      const { as, client, fetch } = talk
      endpoint(as, 'authorization_endpoint', this.http.allowLoopback)
      const fields = { code: NEVER_ISSUED_CODE, redirect_uri: redirectUri, code_verifier: oauth.generateRandomCodeVerifier() }
      const options = requestOptions(fetch, this.http.allowLoopback)
      const response = await this.#tokenRequest(talk, (authentication) =>
        oauth.genericTokenEndpointRequest(as, client, authentication, 'authorization_code', fields, options),
      )
      const body: unknown = await response.json().catch(() => null)
      const { error = null, error_description: description = null } = isRecord(body) ? body : {}
      if (WRONG_CODE.has(String(error))) return as.issuer
      if (WRONG_CLIENT.has(String(error)) || response.status === 401) {
        throw new OAuthProblem('wrong_client', 'the provider does not know this client id, or the secret is not its secret')
      }
      if (error === 'redirect_uri_mismatch') throw new OAuthProblem('wrong_client', 'the provider does not know this redirect_uri')
      if (response.status >= 500 || response.status === 429)
        throw new OAuthProblem('unavailable', `the token endpoint answered ${response.status}`)
      throw new OAuthProblem(
        'misconfigured',
        `the token endpoint refused the call: ${error === null ? response.status : said(error, description)}`,
      )
    }
    return this.#work(config, probing, true)
  }

  /** The GUID of a Microsoft tenant that is named by its domain; `null` for everything else. Throws `OAuthProblem`. */
  async tenantId(config: ProviderConfig): Promise<string | null> {
    if (!isMicrosoftDomain(config)) return null
    return this.#work(config, ({ as }) => Promise.resolve(microsoftTenantId(as.issuer)), true)
  }

  /** The ID token, every check of it done. */
  async #idToken(
    { config, definition, as, client, fetch }: Talk,
    response: Response,
    nonce: string,
  ): Promise<{ claims: oauth.IDToken; accessToken: string }> {
    const answer = await readTokenAnswer(response)
    const expectedNonce = promisesNonce(config, definition, as) || (await mentionsNonce(answer)) ? nonce : oauth.expectNoNonce
    const token = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce, requireIdToken: true })
    const claims = oauth.getValidatedIdTokenClaims(token)
    if (!claims || token.id_token === undefined) throw new OAuthProblem('untrusted', 'the provider sent no ID token')
    if (client.id_token_signed_response_alg === 'HS256') await verifyWithSecret(token.id_token, config.clientSecret)
    else await this.#keys.verify(as, answer, fetch)
    return { claims, accessToken: token.access_token }
  }

  /** Sends a token request, and once more with the next way to authenticate where the provider does not say which one it takes. */
  async #tokenRequest({ config, definition, as }: Talk, send: (authentication: oauth.ClientAuth) => Promise<Response>): Promise<Response> {
    endpoint(as, 'token_endpoint', this.http.allowLoopback)
    const [first, second] = await clientAuthentications(config, definition, as)
    const response = await send(first!)
    return second && (await refusesClient(response.clone())) ? send(second) : response
  }

  async #work<T>(config: ProviderConfig, work: (talk: Talk) => Promise<T>, fresh = false): Promise<T> {
    const definition = providerDefinition(config.provider)
    if (!definition) throw new OAuthProblem('misconfigured', 'the provider is not known')
    const algorithm = config.options.idTokenSignedResponseAlg
    const client = { client_id: config.clientId, ...(algorithm !== undefined && { id_token_signed_response_alg: algorithm }) }
    try {
      return await this.http.within({ project: config.projectId, tenant: config.tenantId }, async (fetch) =>
        work({ config, definition, client, fetch, as: await this.#metadata.get(config, definition, fetch, fresh) }),
      )
    } catch (error) {
      throw toProblem(error)
    }
  }
}

/** PKCE is sent always; the nonce is asked back where the provider, its metadata or the operator promise it. */
function promisesNonce(config: ProviderConfig, definition: ProviderDefinition, as: oauth.AuthorizationServer): boolean {
  const said = config.options.requireNonce
  return said === undefined ? definition.promisesNonce || as.claims_supported?.includes('nonce') === true : said === 'true'
}

/** Whether the provider refused the client, and not the code: LinkedIn says `invalid_request` when the body names none. */
async function refusesClient(response: Response): Promise<boolean> {
  if (response.status < 400 || response.status >= 500) return false
  const body: unknown = await response.json().catch(() => null)
  const error = isRecord(body) ? String(body['error']) : ''
  return response.status === 401 || error === 'invalid_request' || WRONG_CLIENT.has(error)
}
