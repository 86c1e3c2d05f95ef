import { oauthVerifierContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { Caller } from '../../caller.js'
import type { EndUserLimits } from '../../end-user-limits.js'
import { lockAnyEndUser } from '../../records/end-user-search.store.js'
import { followWithIdentity } from './follow-with-identity.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCode, type NewExchangeCode } from '../../records/exchange-code.store.js'
import type { AuthUrls } from '../../project/auth-urls.js'
import { consumeOAuthFlow, type OAuthFlow } from '../../records/oauth-flow.store.js'
import type { AskHooks } from '../../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../../steps/hooks/sign-up-approval.js'
import { mayLeadTo } from '../../steps/own-return-page.js'
import { requireOutsideProvider } from '../../steps/require-outside-provider.js'
import { resolveIdentity } from '../../steps/resolve-identity.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import { refusedByApp, SignInRefusal } from '../../steps/sign-in-refusal.js'
import { recordRefusal } from './record-refusal.js'

/** RFC 8176 has no value for a login at somebody else's; this one is in common use. */
const FEDERATED_AMR = ['fed']

export interface FinishedOAuth {
  /** Where the app waits for the browser; `null` on our own page behind a mailed link. */
  redirectTo: string | null
  /** What the app wants back beside it. */
  appState: string | null
  /** For the app to exchange; `null` after a refusal, and on our own page. */
  code: string | null
  refusal: SignInRefusal | null
  /** Of a refusal on our own page: the link that was followed there. */
  mailedDigest?: Buffer | null
}

/** The browser is back from the provider: checks its answer, finds or makes the account, and hands the app a code. Never a session. */
export class FinishOAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly client: OAuthClient,
    private readonly box: SealedBox,
    private readonly urls: AuthUrls,
    private readonly limits: EndUserLimits,
    private readonly refusals: RefusedSignIns,
    private readonly hooks: AskHooks,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `invalid_or_expired_token` when this browser began no such sign-in: then there is nowhere to send it. */
  async execute(
    project: ProjectRecord,
    provider: string,
    answer: { parameters: URLSearchParams; browserSecret: string | null },
    caller: Caller,
  ): Promise<FinishedOAuth> {
    const state = answer.parameters.get('state')
    if (state === null || answer.browserSecret === null) throw new AuthError('invalid_or_expired_token')
    const stateDigest = digestToken(state)
    const browserDigest = digestToken(answer.browserSecret)
    const flow = await this.db.transaction(project.scope, (tx) =>
      consumeOAuthFlow(tx, { stateDigest, browserDigest, provider, now: this.clock.now() }),
    )
    // The list may have been shortened since the start.
    const lead = flow?.redirectTo ?? null
    const allowed = lead === null || (await mayLeadTo(this.db, this.urls, project, lead))
    if (!flow || !allowed) throw new AuthError('invalid_or_expired_token')
    try {
      const codeVerifier = this.box.open(flow.verifierSealed, oauthVerifierContext(project.scope.projectId, stateDigest)).toString('utf8')
      const identity = await this.#identify(project, provider, { parameters: answer.parameters, state, nonce: flow.nonce, codeVerifier })
      const { code, userId } = await this.#admit(project, provider, flow, identity, caller)
      if (userId !== null) this.refusals.proven(project, { method: 'provider', connection: provider, userId }, caller)
      return { redirectTo: flow.redirectTo, appState: flow.appState, code, refusal: null }
    } catch (error) {
      if (!(error instanceof SignInRefusal)) throw error
      await recordRefusal(this.refusals, project, { provider, reason: error.code, cause: error.cause }, caller)
      return { redirectTo: flow.redirectTo, appState: flow.appState, code: null, refusal: error, mailedDigest: flow.mailedDigest }
    }
  }

  async #identify(
    project: ProjectRecord,
    provider: string,
    answer: { parameters: URLSearchParams; state: string; nonce: string; codeVerifier: string },
  ): Promise<ProvidedIdentity> {
    const config = await requireOutsideProvider(this.db, this.box, project, provider).catch((error: unknown) => {
      throw error instanceof AuthError && error.code === 'provider_not_enabled' ? new SignInRefusal('provider_not_enabled') : error
    })
    try {
      return await this.client.identify(config, { ...answer, redirectUri: this.urls.oauthCallback(project, provider) })
    } catch (error) {
      if (!(error instanceof OAuthProblem)) throw error
      const code = error.kind === 'unavailable' ? 'temporarily_unavailable' : error.kind === 'refused' ? 'access_denied' : 'server_error'
      throw new SignInRefusal(code, { cause: error })
    }
  }

  /** The code for the app; `null` for a mailed link on our own page. `userId`: who signs in. */
  async #admit(
    project: ProjectRecord,
    provider: string,
    flow: OAuthFlow,
    identity: ProvidedIdentity,
    caller: Caller,
  ): Promise<{ code: string | null; userId: string | null }> {
    const code = opaqueToken(this.entropy)
    let userId: string | null = null
    // Counted before it is known whether a mail is needed, so that both cases are the same work.
    const address = identity.email === null ? null : parseEmailAddress(identity.email)
    const mayMail = address !== null && (await this.limits.mayMail(project, 'sign_up_attempt', address.normalised))
    const admit = (approval: SignUpApproval | null) => this.db.transaction(project.scope, async (tx) => {
      const context = { now: this.clock.now(), caller, entropy: this.entropy, mayMail, approval }
      if (flow.mailedDigest !== null) {
        await followWithIdentity(tx, project, flow.mailedDigest, provider, identity, context)
        return null
      }
      if (flow.linkEndUserId !== null) {
        const user = await lockAnyEndUser(tx, flow.linkEndUserId)
        if (!user || user.disabledAt !== null) throw new SignInRefusal('access_denied')
        await this.#insertCode(tx, flow, code, { endUserId: user.id, purpose: 'link', payload: { provider, identity } })
        return null
      }
      const resolved = await resolveIdentity(tx, project, provider, identity, context)
      if ('refused' in resolved) return resolved.refused
      await this.#insertCode(tx, flow, code, { endUserId: resolved.user.id, purpose: 'sign_in', connection: provider })
      userId = resolved.user.id
      return null
    })
    const outcome = await this.hooks.approved(project, caller, admit).catch(refusedByApp)
    if (outcome !== null) throw new SignInRefusal(outcome)
    return { code: flow.mailedDigest === null ? code : null, userId }
  }

  async #insertCode(
    tx: ProjectTx,
    flow: OAuthFlow,
    code: string,
    fields: Pick<NewExchangeCode, 'endUserId' | 'purpose' | 'payload' | 'connection'>,
  ): Promise<void> {
    const now = this.clock.now()
    const expiresAt = addSeconds(now, EXCHANGE_CODE_TTL_SECONDS)
    await insertExchangeCode(tx, {
      ...fields,
      digest: digestToken(code),
      amr: FEDERATED_AMR,
      codeChallenge: flow.codeChallenge ?? '',
      now,
      expiresAt,
    })
  }
}
