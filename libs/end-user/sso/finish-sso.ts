import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { AssertedPerson } from '@portico/sso/saml/read-assertion'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import type { Caller } from '../caller.js'
import type { AuthUrls } from '../project/auth-urls.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCode } from '../records/exchange-code.store.js'
import { consumeOAuthFlow, type OAuthFlow } from '../records/oauth-flow.store.js'
import { takeAssertion } from '../records/saml-assertion.store.js'
import { insertSsoAttempt } from '../records/sso-attempt.store.js'
import { ssoProvider, ssoTestProvider, type SsoConnection } from '../records/sso-connection.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import type { AskHooks } from '../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../steps/hooks/sign-up-approval.js'
import { mayLeadTo } from '../steps/own-return-page.js'
import type { RefusedSignIns } from '../steps/refused-sign-ins.js'
import { refusedByApp, SignInRefusal } from '../steps/sign-in-refusal.js'
import { EMPTY_REPORT, refusalReport } from './attempt-report.js'
import { followGroups } from './follow-groups.js'
import { nameDigest } from './name-digest.js'
import { personOf, type IdentifyPerson, type SsoAnswer } from './identify-person.js'
import type { SsoPerson } from './read-person.js'
import { accountBehind, addressOf, resolvePerson } from './resolve-person.js'
import type { TestedSso, TryConnection } from './try-connection.js'

/** `fed` is in common use for a login at somebody else's; `sso` says that it was the identity provider of a connection. */
const SSO_AMR = ['fed', 'sso']
// Audit rows are read by people.
const MAX_SHOWN_GROUPS = 50

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
    private readonly identify: IdentifyPerson,
    private readonly trial: TryConnection,
    private readonly urls: AuthUrls,
    private readonly refusals: RefusedSignIns,
    private readonly hooks: AskHooks,
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
  ): Promise<FinishedSso | TestedSso> {
    const state = 'parameters' in answer ? answer.parameters.get('state') : answer.relayState
    if (!state || browserSecret === null || !isUuid(connectionId)) throw new AuthError('invalid_or_expired_token')
    const { flow, test } = await this.#spend(project, connectionId, { state, browserSecret })
    if (!flow) throw new AuthError('invalid_or_expired_token')
    const asked = { answer, state }
    if (test) {
      const connection = await findSsoConnection(this.db, project.scope, connectionId)
      return this.trial.execute(project, connection, { ...flow, attemptId: flow.appState ?? '' }, asked, caller)
    }
    const lead = flow.redirectTo
    // The list may have been shortened since the start.
    if (lead === null || !(await mayLeadTo(this.db, this.urls, project, lead))) throw new AuthError('invalid_or_expired_token')
    const connection = await findSsoConnection(this.db, project.scope, connectionId)
    let person: SsoPerson | null = null
    try {
      if (!connection || connection.state === 'draft') throw new SignInRefusal('provider_not_enabled')
      const verified = await this.identify.execute(project, connection, flow, asked)
      person = personOf(verified, connection.settings.mapping)
      const assertion = verified.protocol === 'saml' ? verified.assertion : null
      const { code, userId } = await this.#admit(project, connection, flow, { person, assertion }, caller)
      this.refusals.proven(project, { method: connection.settings.protocol, connection: connectionId, userId }, caller)
      return { redirectTo: lead, appState: flow.appState, code, refusal: null }
    } catch (error) {
      if (!(error instanceof SignInRefusal)) throw error
      await this.#record(project, connectionId, connection, person, error, caller)
      return { redirectTo: lead, appState: flow.appState, code: null, refusal: error }
    }
  }

  /** Before anything of the answer is looked at: a second answer, whatever it says, finds no flow. */
  #spend(
    project: ProjectRecord,
    connectionId: string,
    { state, browserSecret }: { state: string; browserSecret: string },
  ): Promise<{ flow: OAuthFlow | null; test: boolean }> {
    const spent = { stateDigest: digestToken(state), browserDigest: digestToken(browserSecret), now: this.clock.now() }
    return this.db.transaction(project.scope, async (tx) => {
      const flow = await consumeOAuthFlow(tx, { ...spent, provider: ssoProvider(connectionId) })
      if (flow) return { flow, test: false }
      return { flow: await consumeOAuthFlow(tx, { ...spent, provider: ssoTestProvider(connectionId) }), test: true }
    })
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

  async #admit(project: ProjectRecord, connection: SsoConnection, flow: OAuthFlow, came: Came, caller: Caller) {
    const work = (approval: SignUpApproval | null) =>
      this.db.transaction(project.scope, (tx) => this.#open(tx, project, connection, flow, came, caller, approval))
    return this.hooks.approved(project, caller, work).catch(refusedByApp)
  }

  async #open(
    tx: ProjectTx,
    project: ProjectRecord,
    connection: SsoConnection,
    flow: OAuthFlow,
    { person, assertion }: Came,
    caller: Caller,
    approval: SignUpApproval | null,
  ): Promise<{ code: string; userId: string }> {
    const now = this.clock.now()
    if (assertion !== null) await takeOnce(tx, connection.id, assertion)
    const context = { now, caller, entropy: this.entropy, mayMail: false, approval }
    const { user, how } = await resolvePerson(tx, project, connection, person, context)
    const organizationId = await followGroups(tx, connection, { userId: user.id, groups: person.groups }, { caller, now })
    const metadata = {
      method: connection.settings.protocol, connection: connection.name, organizationId, created: how === 'created',
      groups: person.groups.slice(0, MAX_SHOWN_GROUPS),
    }
    const { ip, userAgent } = caller
    const by = { actor: { type: 'end_user' as const, id: user.id }, ip, userAgent }
    await recordAudit(tx, { ...by, action: 'sso.signed_in', resource: 'sso_connection', resourceId: connection.id, metadata }, now)
    const report = { ...EMPTY_REPORT, endUserId: user.id, account: how, organizationId }
    await insertSsoAttempt(tx, { id: this.entropy.uuid(), connectionId: connection.id, state: 'accepted', report, now })
    const code = opaqueToken(this.entropy)
    await insertExchangeCode(tx, {
      digest: digestToken(code),
      endUserId: user.id,
      purpose: 'sign_in',
      amr: SSO_AMR,
      organizationId,
      sso: assertion && { connectionId: connection.id, nameDigest: nameDigest(assertion.nameId), sessionIndex: assertion.sessionIndex },
      connection: connection.id,
      codeChallenge: flow.codeChallenge ?? '',
      now,
      expiresAt: addSeconds(now, EXCHANGE_CODE_TTL_SECONDS),
    })
    return { code, userId: user.id }
  }

  /**
   * For the operator: what the app is told, and what was behind it. Who it was is said of people who have an account here; of others the
   * domain of their address, and of that what the installation keeps of every one; of answers that nobody could verify nothing.
   */
  async #record(
    project: ProjectRecord,
    id: string,
    connection: SsoConnection | null,
    person: SsoPerson | null,
    refusal: SignInRefusal,
    caller: Caller,
  ): Promise<void> {
    const address = person && addressOf(person)?.normalised
    const emailDomain = address ? address.slice(address.lastIndexOf('@') + 1) : null
    const now = this.clock.now()
    const userId = connection && (await this.db.transaction(project.scope, async (tx) => {
      const behind = person && (await accountBehind(tx, connection, person))
      const report = { ...EMPTY_REPORT, ...refusalReport(refusal), endUserId: behind, emailDomain }
      await insertSsoAttempt(tx, { id: this.entropy.uuid(), connectionId: id, state: 'refused', report, now })
      return behind
    }))
    const { cause } = refusal
    const known = cause instanceof SamlProblem || cause instanceof OAuthProblem
    const problem = {
      ...(known && { problem: cause.kind, detail: cause.detail }),
      ...(userId !== null && { endUserId: userId }),
      ...(emailDomain !== null && { emailDomain }),
      ...(connection && { connection: connection.name }),
    }
    const subject = `${id} ${caller.ip ?? ''} ${refusal.code} ${known ? cause.kind : ''}`
    const method = connection?.settings.protocol ?? 'provider'
    const refused = { method, reason: refusal.code, userId, subject, provider: ssoProvider(id), problem } as const
    return this.refusals.record(project, { ...refused, ...(address && { address }) }, caller)
  }
}

async function takeOnce(tx: ProjectTx, connectionId: string, { assertionId, expiresAt }: AssertedPerson): Promise<void> {
  if (await takeAssertion(tx, { connectionId, digest: digestToken(assertionId), expiresAt })) return
  throw new SignInRefusal('server_error', { cause: new SamlProblem('untrusted', 'the assertion was shown before') })
}
