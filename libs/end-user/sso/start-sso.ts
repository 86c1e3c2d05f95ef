import { oauthVerifierContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import { samlRequest, type SamlRequest } from '@portico/sso/saml/service-provider'
import type { AuthUrls } from '../project/auth-urls.js'
import { ssoUrls } from '../project/sso-urls.js'
import { insertOAuthFlow, OAUTH_FLOW_TTL_SECONDS, type NewOAuthFlow } from '../records/oauth-flow.store.js'
import { takeSsoTest } from '../records/sso-attempt.store.js'
import { ssoProvider, ssoTestProvider, type SsoConnection } from '../records/sso-connection.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import { checkLeadsTo } from '../steps/own-return-page.js'
import { checkCodeChallenge } from '../steps/proof-key.js'
import type { ConnectionKeys } from './connection-keys.js'
import { oidcPeer, samlPeer } from './connection-peer.js'
import { findAskedConnection, type SsoQuestion } from './discover-sso.js'

export interface StartSsoInput extends SsoQuestion {
  redirectTo?: string | undefined
  codeChallenge?: string | undefined
  codeChallengeMethod?: string | undefined
  /** Given back to the app beside the code. */
  state?: string | undefined
}

export interface StartedSso {
  request: SamlRequest
  state: string
  /** The value of the cookie that binds the flow to this browser. */
  browserSecret: string
  /** A SAML response is posted from the site of the identity provider. */
  crossSitePost: boolean
}

/** Sends a browser to the identity provider of a connection. */
export class StartSso {
  constructor(
    private readonly db: ProjectDb,
    private readonly client: OAuthClient,
    private readonly box: SealedBox,
    private readonly keys: ConnectionKeys,
    private readonly urls: AuthUrls,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `not_found`, `validation_error`, and `unavailable` when an OpenID provider does not answer. */
  async execute(project: ProjectRecord, input: StartSsoInput): Promise<StartedSso> {
    const connection = await findAskedConnection(this.db, project, input)
    const redirectTo = input.redirectTo ?? project.settings.site_url
    if (redirectTo === null) throw invalidField('redirectTo', 'required', 'This field is required.')
    // What comes back with the person is a state of ours; where it leads was decided here, among the project's own URLs.
    await checkLeadsTo(this.db, this.urls, project, redirectTo)
    if (input.codeChallenge === undefined) throw invalidField('codeChallenge', 'required', 'This field is required.')
    checkCodeChallenge(input.codeChallenge, input.codeChallengeMethod)
    const app = { redirectTo, codeChallenge: input.codeChallenge, appState: input.state ?? null }
    return this.#begin(project, connection, { ...app, provider: ssoProvider(connection.id) })
  }

  /** A test that an operator has made. Throws `invalid_or_expired_token` for an address that was opened before. */
  async tryOut(project: ProjectRecord, { ticket, backTo }: { ticket: string; backTo: string | null }): Promise<StartedSso> {
    const test = await this.db.transaction(project.scope, (tx) => takeSsoTest(tx, digestToken(ticket), this.clock.now()))
    const connection = test && (await findSsoConnection(this.db, project.scope, test.connectionId))
    if (!connection || connection.state === 'draft') throw new AuthError('invalid_or_expired_token')
    // No app waits for it; what the flow brings back is the test.
    const app = { redirectTo: backTo, codeChallenge: null, appState: test.id }
    return this.#begin(project, connection, { ...app, provider: ssoTestProvider(connection.id) })
  }

  async #begin(
    project: ProjectRecord,
    connection: SsoConnection,
    flow: Pick<NewOAuthFlow, 'provider' | 'redirectTo' | 'codeChallenge' | 'appState'>,
  ): Promise<StartedSso> {
    const state = opaqueToken(this.entropy)
    const stateDigest = digestToken(state)
    const browserSecret = opaqueToken(this.entropy)
    const codeVerifier = opaqueToken(this.entropy)
    const { protocol } = connection.settings
    // In OpenID Connect the nonce; in SAML the ID of the request, a name that XML allows.
    const nonce = protocol === 'saml' ? `_${this.entropy.bytes(20).toString('hex')}` : opaqueToken(this.entropy)
    const request = await this.#request(project, connection, { state, nonce, codeVerifier })
    const now = this.clock.now()
    await this.db.transaction(project.scope, (tx) =>
      insertOAuthFlow(tx, {
        ...flow,
        stateDigest,
        browserDigest: digestToken(browserSecret),
        nonce,
        verifierSealed: this.box.seal(codeVerifier, oauthVerifierContext(project.scope.projectId, stateDigest)),
        linkEndUserId: null,
        mailedDigest: null,
        now,
        expiresAt: addSeconds(now, OAUTH_FLOW_TTL_SECONDS),
      }),
    )
    return { request, state, browserSecret, crossSitePost: protocol === 'saml' }
  }

  async #request(
    project: ProjectRecord,
    connection: SsoConnection,
    { state, nonce, codeVerifier }: { state: string; nonce: string; codeVerifier: string },
  ): Promise<SamlRequest> {
    const own = ssoUrls(this.urls.issuer(project), connection.id)
    if (connection.settings.protocol === 'saml') {
      const signed = connection.settings.saml?.signRequests === true
      const signingKey = signed ? await this.keys.signing(project, connection.id) : null
      return samlRequest(samlPeer(connection, own, signingKey), { requestId: nonce, relayState: state })
    }
    try {
      const asked = { redirectUri: own.redirectUri, state, nonce, codeVerifier }
      return { url: await this.client.authorizationUrl(oidcPeer(this.box, project, connection), asked) }
    } catch (error) {
      if (!(error instanceof OAuthProblem)) throw error
      throw new AuthError('unavailable', { cause: error, retryAfterSeconds: 5 })
    }
  }
}
