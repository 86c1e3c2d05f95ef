import { oauthVerifierContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { AssertedPerson } from '@portico/sso/saml/read-assertion'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import { samlPerson, UNVERIFIED, type SamlAnswer } from '@portico/sso/saml/service-provider'
import type { AuthUrls } from '../project/auth-urls.js'
import { ssoUrls } from '../project/sso-urls.js'
import type { OAuthFlow } from '../records/oauth-flow.store.js'
import type { SsoConnection, SsoMapping } from '../records/sso-connection.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import type { ConnectionKeys } from './connection-keys.js'
import { oidcPeer, samlPeer } from './connection-peer.js'
import type { FreshCertificates } from './fresh-certificates.js'
import { oidcPersonOf, samlPersonOf, type SsoPerson } from './read-person.js'

/** What a browser brings back from an identity provider. */
export type SsoAnswer = { parameters: URLSearchParams } | { samlResponse: string; relayState: string }

/** What an identity provider said, after every check of its protocol. */
export type VerifiedAnswer = { protocol: 'saml'; assertion: AssertedPerson } | { protocol: 'oidc'; identity: ProvidedIdentity }

/** Checks what came from an identity provider, for a sign-in and for the test of one. */
export class IdentifyPerson {
  constructor(
    private readonly client: OAuthClient,
    private readonly box: SealedBox,
    private readonly urls: AuthUrls,
    private readonly keys: ConnectionKeys,
    private readonly certificates: FreshCertificates,
    private readonly clock: Clock,
  ) {}

  /** Throws `SignInRefusal`, whose cause says what was wrong. */
  async execute(
    project: ProjectRecord,
    connection: SsoConnection,
    flow: OAuthFlow,
    { answer, state }: { answer: SsoAnswer; state: string },
  ): Promise<VerifiedAnswer> {
    const { protocol } = connection.settings
    try {
      if (protocol === 'saml' && 'samlResponse' in answer) {
        const keys = () => this.keys.opening(project, connection.id)
        const asked = { response: answer.samlResponse, requestId: flow.nonce, now: this.clock.now(), keys }
        return { protocol, assertion: await this.#verify(project, connection, asked) }
      }
      if (protocol !== 'oidc' || !('parameters' in answer)) throw new SignInRefusal('server_error')
      const { redirectUri } = ssoUrls(this.urls.issuer(project), connection.id)
      const context = oauthVerifierContext(project.scope.projectId, digestToken(state))
      const codeVerifier = this.box.open(flow.verifierSealed, context).toString('utf8')
      const asked = { parameters: answer.parameters, state, nonce: flow.nonce, codeVerifier, redirectUri }
      return { protocol, identity: await this.client.identify(oidcPeer(this.box, project, connection), asked) }
    } catch (error) {
      throw refusalOf(error)
    }
  }

  /** Once more with the certificates of today, where the identity provider publishes them: it may have changed its key. */
  async #verify(
    project: ProjectRecord,
    connection: SsoConnection,
    asked: SamlAnswer,
  ): Promise<AssertedPerson> {
    const peers = samlPeer(connection, ssoUrls(this.urls.issuer(project), connection.id))
    try {
      return await samlPerson({ ...peers, certificates: this.certificates.of(connection) }, asked)
    } catch (error) {
      const other = error instanceof SamlProblem && error.detail === UNVERIFIED && (await this.certificates.renewed(project, connection))
      if (!other) throw error
      return samlPerson({ ...peers, certificates: other }, asked)
    }
  }
}

/** Who it is, as the mapping of the connection reads it. Throws `SignInRefusal`. */
export function personOf(answer: VerifiedAnswer, mapping: SsoMapping): SsoPerson {
  if (answer.protocol === 'oidc') return oidcPersonOf(answer.identity, mapping)
  const person = samlPersonOf(answer.assertion, mapping)
  if (person) return person
  const detail = 'the NameID names nobody in a lasting way, and there is no address beside it'
  throw refusalOf(new SamlProblem('untrusted', detail))
}

function refusalOf(error: unknown): unknown {
  if (error instanceof SamlProblem) return new SignInRefusal(error.kind === 'refused' ? 'access_denied' : 'server_error', { cause: error })
  if (!(error instanceof OAuthProblem)) return error
  const code = error.kind === 'unavailable' ? 'temporarily_unavailable' : error.kind === 'refused' ? 'access_denied' : 'server_error'
  return new SignInRefusal(code, { cause: error })
}
