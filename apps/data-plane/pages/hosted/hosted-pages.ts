import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { toAuthError } from '@portico/http/error-answer'
import { readHost } from '@portico/http/request-host'
import { html } from '@portico/http/html-page'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UseCases } from '../../use-cases.js'
import type { FlowCookie } from '../flow-cookie.js'
import { alert } from '../look/controls.js'
import { refusalText } from '../words/refusals.js'
import { FinishOnPage } from './finish-sign-in.js'
import type { PageCookies } from './page-cookies.js'
import { Visit, type PageCall } from './visit.js'

export interface HostedParts {
  cookies: PageCookies
  urls: AuthUrls
  flowCookie: FlowCookie
  /** Where a sign-in at a provider has to begin, when that is another host. */
  elsewhere: (request: FastifyRequest, project: ProjectRecord) => string | null
  clock: Clock
  /** One more change by this user; throws `rate_limited`. */
  admitChange: (project: ProjectRecord, userId: string) => Promise<void>
  /** One more mail for this client; throws `rate_limited`. */
  admitMail: (project: ProjectRecord, ip: string) => Promise<void>
}

/** What the pages at `AUTH_URL` share. */
export class HostedPages {
  readonly finish: FinishOnPage

  constructor(
    readonly use: UseCases,
    private readonly parts: HostedParts,
  ) {
    this.finish = new FinishOnPage(use)
  }

  get urls(): AuthUrls {
    return this.parts.urls
  }

  get flowCookie(): FlowCookie {
    return this.parts.flowCookie
  }

  visit(call: PageCall): Visit {
    return new Visit(call, this.parts.cookies, this.parts.urls)
  }

  elsewhere(request: FastifyRequest, project: ProjectRecord): string | null {
    return this.parts.elsewhere(request, project)
  }

  /** The JSON routes count these before they run; a page counts them where its button asks for one. */
  admitMail(visit: Visit): Promise<void> {
    return this.parts.admitMail(visit.project, visit.client.ip)
  }

  /** The JSON routes ask before they run; a page asks for the buttons that a captcha stands beside. Throws `captcha_failed`. */
  async checkCaptcha({ project, client }: Visit, { captchaToken, hCaptcha }: { captchaToken?: string; hCaptcha?: string }): Promise<void> {
    await this.use.checkCaptcha.execute(project, captchaToken ?? hCaptcha ?? null, client)
  }

  /** Whoever is signed in changes things at the pace of a person, here as by the JSON routes. */
  admitChange(visit: Visit, userId: string): Promise<void> {
    return this.parts.admitChange(visit.project, userId)
  }

  now(): Date {
    return this.parts.clock.now()
  }

  /** The session that this browser holds a cookie for. */
  async session(visit: Visit): Promise<AuthenticatedSession | null> {
    const { project, cookies, request } = visit
    if (project.settings.sign_in_gate === 'disabled') throw new AuthError('not_found')
    const session = await this.use.pageSession.open(project, cookies.session(request))
    if (session) visit.speakAs(session.user)
    return session
  }

  /** Whether passkeys can be used on this page. */
  passkeysAt(visit: Visit): Promise<boolean> {
    const host = readHost(visit.request.headers.host)?.hostname
    return host === undefined ? Promise.resolve(false) : this.use.passkeysOnPage.execute(visit.project, host)
  }

  /** The page for an app that asked for something that it may not; `null`: all is well. */
  refuse(visit: Visit): FastifyReply | null {
    if (visit.project.settings.sign_in_gate === 'disabled') throw new AuthError('not_found')
    const { problem } = visit
    if (problem === null) return null
    visit.request.errorCode = 'invalid_request'
    const body = html`${alert(visit.say(`error.${problem}`))}`
    return visit.send({ title: visit.say('error.title'), status: 400, body }, { again: null })
  }

  /** A refusal that the page shows; what is our own failure is thrown on. */
  noted(visit: Visit, thrown: unknown): AuthError {
    const error = toAuthError(thrown)
    if (error.status === 500) throw thrown
    visit.request.errorCode = error.code
    if (error.retryAfterSeconds !== undefined) visit.reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))))
    return error
  }

  /** Every refusal of a page is a page, those that come before its own code too. */
  readonly onError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toAuthError(thrown)
    // Without a project there is nobody whose page this would be; what is our own failure is logged where all are.
    if (!request.project || error.status === 500 || error.code === 'auth_not_enabled' || error.code === 'auth_disabled') throw thrown
    // What is wrong may be the query: of it only the language is read.
    const { locale } = request.query as { locale?: unknown }
    const query = typeof locale === 'string' ? { locale } : {}
    const visit = this.visit({ request, reply, project: request.project, query, client: request.clientInfo() })
    const { code, status } = this.noted(visit, thrown)
    visit.send({ title: visit.say('error.title'), status, body: html`${alert(refusalText(visit.words, code))}` }, { again: null })
  }
}
