import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import type { PageSession } from '@portico/end-user/sessions/page-session'
import { isPending, type PendingSignIn, type SignInResult } from '@portico/end-user/steps/sign-in-result'
import type { IssuedSession } from '@portico/end-user/steps/token-issuer'
import type { HandedOver, HandOverSession } from '@portico/end-user/ways-in/hosted/hand-over-session'
import { sendAway } from '@portico/http/send-away'
import { appendToUrl } from '@portico/kernel/append-to-url'
import type { FastifyReply } from 'fastify'
import { ChooseOrganization, type OrganizationUseCases } from './choose-organization.js'
import { enrolView } from './enrol.view.js'
import { organizationView } from './organization.view.js'
import { secondFactorView, type SecondFactorState } from './sign-in.view.js'
import type { Visit } from './visit.js'

export interface FinishUseCases extends OrganizationUseCases {
  pageSession: PageSession
  handOverSession: HandOverSession
}

/** Where every way in of our pages ends: with the second step, at the app, or on the account page. */
export class FinishOnPage {
  readonly organizations: ChooseOrganization

  constructor(private readonly use: FinishUseCases) {
    this.organizations = new ChooseOrganization(use)
  }

  async execute(visit: Visit, result: SignInResult, passkeys: boolean): Promise<FastifyReply> {
    if (result.deviceToken !== undefined) visit.cookies.devices.keep(visit, visit.project, result.deviceToken)
    return isPending(result) ? this.ask(visit, result, passkeys) : this.leave(visit, result)
  }

  ask(visit: Visit, { kind, mfaToken, factors }: PendingSignIn, passkeys: boolean): FastifyReply {
    if (kind === 'enrol') return visit.send(enrolView(visit, { mfaToken, passkeys }), { again: null })
    return visit.send(secondFactorView(visit, offered(mfaToken, factors.map(({ type }) => type), passkeys)), { again: null })
  }

  /** The session stays with this browser too, for the account page; the app gets a code for it. */
  async leave(visit: Visit, issued: IssuedSession): Promise<FastifyReply> {
    this.keep(visit, issued)
    visit.speakAs(issued.user)
    const decided = await this.organizations.isDecided(visit, issued)
    // Whoever came by the mail of an invitation is shown it all the same.
    const choice = decided && visit.flow.invitation === null ? null : await this.organizations.offered(visit, issued.user)
    if (choice) return visit.send(organizationView(visit, { ...choice, email: issued.user.email }), { again: null })
    return this.toApp(visit, { id: issued.sessionId, userId: issued.user.id, amr: issued.amr })
  }

  keep(visit: Visit, issued: IssuedSession): void {
    const { project, request, reply } = visit
    const { session_absolute_seconds: absolute, session_idle_seconds: idle } = project.settings
    visit.cookies.keepSession(request, reply, this.use.pageSession.cookieOf(project, issued.sessionId), Math.min(idle, absolute ?? idle))
  }

  /** From a page that stood between the sign-in and the app. */
  async on(visit: Visit, session: AuthenticatedSession, { answered = false } = {}): Promise<FastifyReply> {
    const choice = await this.organizations.offered(visit, session.user, answered)
    if (choice) return visit.send(organizationView(visit, { ...choice, email: session.user.email }), { again: null })
    return this.toApp(visit, { id: session.id, userId: session.user.id, amr: session.amr })
  }

  async toApp(visit: Visit, session: HandedOver): Promise<FastifyReply> {
    const { project, reply, flow } = visit
    if (flow.app === null) return sendAway(reply, `${visit.base}/account${visit.localeQuery}`)
    const code = await this.use.handOverSession.execute(project, session, flow.app.codeChallenge)
    return sendAway(reply, appendToUrl(flow.app.redirectTo, { code, ...(flow.state === null ? {} : { state: flow.state }) }))
  }
}

/** What the page of the second step offers. */
export function offered(mfaToken: string, types: readonly ('totp' | 'webauthn')[], passkeys: boolean): SecondFactorState {
  return { mfaToken, passkey: passkeys && types.includes('webauthn'), code: types.includes('totp'), recovery: false }
}
