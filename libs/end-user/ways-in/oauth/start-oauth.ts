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
import type { ProviderConfig } from '@portico/oauth/provider'
import type { Caller } from '../../caller.js'
import { checkCodeChallenge } from '../../steps/proof-key.js'
import type { AuthUrls } from '../../project/auth-urls.js'
import { providerUnavailable } from './provider-unavailable.js'
import { recordRefusal } from './record-refusal.js'
import { openLinkTicket } from '../../steps/link-ticket.js'
import { checkLeadsTo } from '../../steps/own-return-page.js'
import { insertOAuthFlow, OAUTH_FLOW_TTL_SECONDS } from '../../records/oauth-flow.store.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import { requireOutsideProvider } from '../../steps/require-outside-provider.js'
import { SignInRefusal } from '../../steps/sign-in-refusal.js'

export interface StartOAuthInput {
  redirectTo?: string | undefined
  codeChallenge?: string | undefined
  codeChallengeMethod?: string | undefined
  /** Given back to the app beside the code. */
  state?: string | undefined
  /** From `POST /identities/{provider}/start`, instead of the others. */
  ticket?: string | undefined
}

export interface StartedOAuth {
  url: URL
  state: string
  /** The value of the cookie that binds the flow to this browser. */
  browserSecret: string
  /** The provider posts its answer from its own site: the cookie must travel with that. */
  crossSitePost: boolean
}

interface Target {
  redirectTo: string | null
  codeChallenge: string | null
  appState: string | null
  linkEndUserId: string | null
  mailedDigest: Buffer | null
}

/** The provider cannot be used as it is configured: the app is told, and the browser never leaves for the provider. */
export interface RefusedStart {
  redirectTo: string
  appState: string | null
  code: null
  refusal: SignInRefusal
}

/** Sends a browser to a provider. */
export class StartOAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly client: OAuthClient,
    private readonly box: SealedBox,
    private readonly urls: AuthUrls,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `provider_not_enabled`, `validation_error`, and `unavailable` when the provider is. */
  async execute(
    project: ProjectRecord,
    provider: string,
    input: StartOAuthInput,
    caller: Caller,
  ): Promise<StartedOAuth | RefusedStart> {
    const config = await requireOutsideProvider(this.db, this.box, project, provider)
    const target = await this.#target(project, provider, input)
    try {
      return await this.#start(project, config, target, caller)
    } catch (error) {
      if (!(error instanceof SignInRefusal) || target.redirectTo === null) throw error
      return { redirectTo: target.redirectTo, appState: target.appState, code: null, refusal: error }
    }
  }

  /**
   * For a mailed link that is followed on our own page (invitation, confirmation, change of address): there is no app to hand a code to.
   */
  async forMailedLink(project: ProjectRecord, provider: string, mailedDigest: Buffer, caller: Caller): Promise<StartedOAuth> {
    const config = await requireOutsideProvider(this.db, this.box, project, provider)
    const target = { redirectTo: null, codeChallenge: null, appState: null, linkEndUserId: null, mailedDigest }
    return this.#start(project, config, target, caller)
  }

  async #target(project: ProjectRecord, provider: string, input: StartOAuthInput): Promise<Target> {
    if (input.ticket !== undefined) {
      const wish = openLinkTicket(this.box, project.scope.projectId, input.ticket, provider, this.clock.now())
      if (!wish) throw new AuthError('invalid_or_expired_token')
      await checkLeadsTo(this.db, this.urls, project, wish.redirectTo)
      return {
        redirectTo: wish.redirectTo,
        codeChallenge: wish.codeChallenge,
        appState: wish.appState,
        linkEndUserId: wish.userId,
        mailedDigest: null,
      }
    }
    const redirectTo = input.redirectTo ?? project.settings.site_url
    if (redirectTo === null || redirectTo === undefined) throw invalidField('redirectTo', 'required', 'This field is required.')
    await checkLeadsTo(this.db, this.urls, project, redirectTo)
    if (input.codeChallenge === undefined) throw invalidField('codeChallenge', 'required', 'This field is required.')
    checkCodeChallenge(input.codeChallenge, input.codeChallengeMethod)
    return { redirectTo, codeChallenge: input.codeChallenge, appState: input.state ?? null, linkEndUserId: null, mailedDigest: null }
  }

  async #start(project: ProjectRecord, config: ProviderConfig, target: Target, caller: Caller): Promise<StartedOAuth> {
    const { provider } = config
    const state = opaqueToken(this.entropy)
    const stateDigest = digestToken(state)
    const browserSecret = opaqueToken(this.entropy)
    const nonce = opaqueToken(this.entropy)
    const codeVerifier = opaqueToken(this.entropy)
    const redirectUri = this.urls.oauthCallback(project, provider)
    const request = { redirectUri, state, nonce, codeVerifier }
    const url = await this.client.authorizationUrl(config, request).catch(async (error: unknown) => {
      if (!(error instanceof OAuthProblem) || error.kind === 'unavailable') throw providerUnavailable(error)
      await recordRefusal(this.refusals, project, { provider, reason: 'server_error', cause: error }, caller)
      throw target.redirectTo === null ? providerUnavailable(error) : new SignInRefusal('server_error', { cause: error })
    })
    const now = this.clock.now()
    const { projectId } = project.scope
    const verifierSealed = this.box.seal(codeVerifier, oauthVerifierContext(projectId, stateDigest))
    const expiresAt = addSeconds(now, OAUTH_FLOW_TTL_SECONDS)
    await this.db.transaction(project.scope, (tx) =>
      insertOAuthFlow(tx, {
        ...target,
        stateDigest,
        browserDigest: digestToken(browserSecret),
        provider,
        nonce,
        verifierSealed,
        now,
        expiresAt,
      }),
    )
    return { url, state, browserSecret, crossSitePost: url.searchParams.get('response_mode') === 'form_post' }
  }
}
