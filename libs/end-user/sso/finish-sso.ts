import { oauthVerifierContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { AssertedPerson } from '@portico/sso/saml/read-assertion'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import { samlPerson, UNVERIFIED } from '@portico/sso/saml/service-provider'
import type { Caller } from '../caller.js'
import type { AuthUrls } from '../project/auth-urls.js'
import { ssoUrls } from '../project/sso-urls.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCode } from '../records/exchange-code.store.js'
import { consumeOAuthFlow, type OAuthFlow } from '../records/oauth-flow.store.js'
import { takeAssertion } from '../records/saml-assertion.store.js'
import { ssoProvider, type SsoConnection } from '../records/sso-connection.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import { mayLeadTo } from '../steps/own-return-page.js'
import type { RefusedSignIns } from '../steps/refused-sign-ins.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import { oidcPeer, samlPeer } from './connection-peer.js'
import { followGroups } from './follow-groups.js'
import type { FreshCertificates } from './fresh-certificates.js'
import { oidcPersonOf, samlPersonOf, type SsoPerson } from './read-person.js'
import { resolvePerson } from './resolve-person.js'

/** `fed` is in common use for a login at somebody else's; `sso` says that it was the identity provider of a connection. */
const SSO_AMR = ['fed', 'sso']
// Audit rows are read by people.
const MAX_SHOWN_GROUPS = 50

export type SsoAnswer = { parameters: URLSearchParams } | { samlResponse: string; relayState: string }

export interface FinishedSso {
  redirectTo: string | null
  appState: string | null
  /** For the app to exchange; `null` after a refusal. */
  code: string | null
  refusal: SignInRefusal | null
}

interface Came {
  person: SsoPerson
  assertion: AssertedPerson | null
}

/** The browser is back from the identity provider of a connection: checks what it brings, and hands the app a code. Never a session. */
export class FinishSso {
  constructor(
    private readonly db: ProjectDb,
    private readonly client: OAuthClient,
    private readonly box: SealedBox,
    private readonly urls: AuthUrls,
    private readonly certificates: FreshCertificates,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_or_expired_token` when this browser began no such sign-in: then there is nowhere to send it. */
  async execute(
    project: ProjectRecord,
    connectionId: string,
    answer: SsoAnswer,
    browserSecret: string | null,
    caller: Caller,
  ): Promise<FinishedSso> {
    const state = 'parameters' in answer ? answer.parameters.get('state') : answer.relayState
    if (!state || browserSecret === null || !isUuid(connectionId)) throw new AuthError('invalid_or_expired_token')
    const stateDigest = digestToken(state)
    // The flow is spent before anything of the answer is looked at: a second answer, whatever it says, finds none.
    const flow = await this.db.transaction(project.scope, (tx) =>
      consumeOAuthFlow(tx, {
        stateDigest, browserDigest: digestToken(browserSecret), provider: ssoProvider(connectionId), now: this.clock.now(),
      }),
    )
    const lead = flow?.redirectTo ?? null
    // The list may have been shortened since the start.
    if (!flow || lead === null || !(await mayLeadTo(this.db, this.urls, project, lead))) throw new AuthError('invalid_or_expired_token')
    const connection = await findSsoConnection(this.db, project.scope, connectionId)
    try {
      if (!connection || connection.state === 'draft') throw new SignInRefusal('provider_not_enabled')
      const came = await this.#identify(project, connection, flow, { answer, state, stateDigest })
      const { code, userId } = await this.#admit(project, connection, flow, came, caller)
      this.refusals.proven(project, { method: connection.settings.protocol, connection: connectionId, userId }, caller)
      return { redirectTo: lead, appState: flow.appState, code, refusal: null }
    } catch (error) {
      if (!(error instanceof SignInRefusal)) throw error
      await this.#record(project, connectionId, connection, error, caller)
      return { redirectTo: lead, appState: flow.appState, code: null, refusal: error }
    }
  }

  /**
   * Nobody began here: the person pressed a button at the identity provider. What came is not read (it could be anybody's, pushed upon the
   * browser); where the connection allows it the app is asked to begin, and the identity provider, which knows the person by now, answers
   * at once. Answers the app's address; `null`: it is not allowed, or this is something else.
   */
  async unasked(project: ProjectRecord, connectionId: string, answer: SsoAnswer): Promise<string | null> {
    if ('parameters' in answer || answer.samlResponse === '' || !isUuid(connectionId)) return null
    const connection = await findSsoConnection(this.db, project.scope, connectionId)
    const { site_url: site } = project.settings
    if (connection?.state !== 'active' || connection.settings.saml?.idpInitiated !== true || site === null) return null
    return site
  }

  async #identify(
    project: ProjectRecord,
    connection: SsoConnection,
    flow: OAuthFlow,
    { answer, state, stateDigest }: { answer: SsoAnswer; state: string; stateDigest: Buffer },
  ): Promise<Came> {
    const { protocol, mapping } = connection.settings
    const own = ssoUrls(this.urls.issuer(project), connection.id)
    try {
      if (protocol === 'saml' && 'samlResponse' in answer) {
        const asked = { response: answer.samlResponse, requestId: flow.nonce, now: this.clock.now() }
        const assertion = await this.#verify(project, connection, asked)
        const person = samlPersonOf(assertion, mapping)
        if (!person) throw new SamlProblem('untrusted', 'the NameID names nobody in a lasting way, and there is no address beside it')
        return { person, assertion }
      }
      if (protocol !== 'oidc' || !('parameters' in answer)) throw new SignInRefusal('server_error')
      const codeVerifier = this.box.open(flow.verifierSealed, oauthVerifierContext(project.scope.projectId, stateDigest)).toString('utf8')
      const asked = { parameters: answer.parameters, state, nonce: flow.nonce, codeVerifier, redirectUri: own.redirectUri }
      return { person: oidcPersonOf(await this.client.identify(oidcPeer(this.box, project, connection), asked), mapping), assertion: null }
    } catch (error) {
      if (error instanceof SamlProblem)
        throw new SignInRefusal(error.kind === 'refused' ? 'access_denied' : 'server_error', { cause: error })
      if (!(error instanceof OAuthProblem)) throw error
      const code = error.kind === 'unavailable' ? 'temporarily_unavailable' : error.kind === 'refused' ? 'access_denied' : 'server_error'
      throw new SignInRefusal(code, { cause: error })
    }
  }

  /** Once more with the certificates of today, where the identity provider publishes them: it may have changed its key. */
  async #verify(
    project: ProjectRecord,
    connection: SsoConnection,
    asked: { response: string; requestId: string; now: Date },
  ): Promise<AssertedPerson> {
    const own = ssoUrls(this.urls.issuer(project), connection.id)
    const peers = samlPeer(connection, own)
    try {
      return await samlPerson({ ...peers, certificates: this.certificates.of(connection) }, asked)
    } catch (error) {
      const other = error instanceof SamlProblem && error.detail === UNVERIFIED && (await this.certificates.renewed(project, connection))
      if (!other) throw error
      return samlPerson({ ...peers, certificates: other }, asked)
    }
  }

  #admit(project: ProjectRecord, connection: SsoConnection, flow: OAuthFlow, { person, assertion }: Came, caller: Caller) {
    const code = opaqueToken(this.entropy)
    return this.db.transaction(project.scope, async (tx) => {
      const now = this.clock.now()
      if (assertion !== null) await takeOnce(tx, connection.id, assertion)
      const context = { now, caller, entropy: this.entropy, mayMail: false, approval: null }
      const { user, created } = await resolvePerson(tx, connection, person, context)
      const organizationId = await followGroups(tx, connection, { userId: user.id, groups: person.groups }, { caller, now })
      await recordAudit(
        tx,
        {
          action: 'sso.signed_in',
          actor: { type: 'end_user', id: user.id },
          resource: 'sso_connection',
          resourceId: connection.id,
          ip: caller.ip,
          userAgent: caller.userAgent,
          metadata: {
            method: connection.settings.protocol, connection: connection.name, organizationId, created,
            groups: person.groups.slice(0, MAX_SHOWN_GROUPS),
          },
        },
        now,
      )
      await insertExchangeCode(tx, {
        digest: digestToken(code),
        endUserId: user.id,
        purpose: 'sign_in',
        amr: SSO_AMR,
        organizationId,
        codeChallenge: flow.codeChallenge ?? '',
        now,
        expiresAt: addSeconds(now, EXCHANGE_CODE_TTL_SECONDS),
      })
      return { code, userId: user.id }
    })
  }

  /** For the operator: what the app is told, and what was behind it. */
  #record(project: ProjectRecord, id: string, connection: SsoConnection | null, refusal: SignInRefusal, caller: Caller): Promise<void> {
    const { cause } = refusal
    const known = cause instanceof SamlProblem || cause instanceof OAuthProblem
    const problem = known ? { problem: cause.kind, detail: cause.detail } : {}
    const subject = `${id} ${caller.ip ?? ''} ${refusal.code} ${known ? cause.kind : ''}`
    const method = connection?.settings.protocol ?? 'provider'
    const refused = { method, reason: refusal.code, userId: null, subject, provider: ssoProvider(id), problem } as const
    return this.refusals.record(project, refused, caller)
  }
}

async function takeOnce(tx: ProjectTx, connectionId: string, { assertionId, expiresAt }: AssertedPerson): Promise<void> {
  if (await takeAssertion(tx, { connectionId, digest: digestToken(assertionId), expiresAt })) return
  throw new SignInRefusal('server_error', { cause: new SamlProblem('untrusted', 'the assertion was shown before') })
}
