import type { ProjectRecord } from '@portico/database/project-directory'
import { ACCOUNT_RETURN_PATH, RETURN_PATH, type AuthUrls } from '@portico/end-user/project/auth-urls'
import { autoSubmitReason } from '@portico/end-user/abuse/link-opener'
import type { ClientInfo } from '@portico/http/request-context'
import { html, sendPage, type SafeHtml } from '@portico/http/html-page'
import { readHost } from '@portico/http/request-host'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { projectBaseOf } from '../../project/project-base.js'
import type { HttpExchange } from '../../project/project-routes.js'
import { brandOf } from '../look/brand.js'
import { framed, type Content } from '../look/frame.js'
import { chooseLocale } from '@portico/kernel/locales'
import type { MailPagePurpose } from '../mail-purpose.js'
import { wordsOf, type MessageKey, type MessageValues, type Words } from '../words/words.js'
import { readFlow, type AppFlow, type FlowProblem } from './app-flow.js'
import type { FlowQuery } from './hosted.body.js'
import type { BrowserSecret, PageCookies } from './page-cookies.js'

export interface PageCall extends HttpExchange {
  project: ProjectRecord
  query: FlowQuery
  client: ClientInfo
}

/** One visit of one of our pages: who, from which app, in which language, and how the page is answered. */
export class Visit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly project: ProjectRecord
  readonly client: ClientInfo
  readonly words: Words
  /** Path of the pages, without a slash at its end. */
  readonly base: string
  readonly #flow: AppFlow | FlowProblem
  readonly #query: FlowQuery

  constructor(
    call: PageCall,
    readonly cookies: PageCookies,
    private readonly urls: AuthUrls,
  ) {
    this.request = call.request
    this.reply = call.reply
    this.project = call.project
    this.client = call.client
    this.#query = call.query
    const header = call.request.headers['accept-language']
    const wanted = chooseLocale({ asked: call.query.locale, header, otherwise: call.project.settings.default_locale })
    this.words = wordsOf(wanted)
    call.reply.header('vary', 'accept-language')
    // Read before a new one is made: who brings none has sent no form of ours.
    this.#known = cookies.known(call.request)
    this.#flow = readFlow(call.project, call.query)
    const base = projectBaseOf(call.request.raw)
    this.base = base?.kind === 'id' ? base.path : ''
  }

  readonly #known: BrowserSecret | null
  #made: BrowserSecret | null = null

  /** What this browser is known by; made for the first page that needs it. */
  get browser(): BrowserSecret {
    return this.#known ?? (this.#made ??= this.cookies.browser(this.request, this.reply))
  }

  readonly say = (key: MessageKey, values?: MessageValues): string => this.words.say(key, values)

  /** What is wrong with what the app asked for; then no page leads anywhere. */
  get problem(): FlowProblem | null {
    return typeof this.#flow === 'string' ? this.#flow : null
  }

  get flow(): AppFlow {
    if (typeof this.#flow === 'string') throw new Error('a page of a flow with a problem')
    return this.#flow
  }

  /** The address of one of our pages, for the same app. */
  to(page: string, more: Readonly<Record<string, string>> = {}): string {
    const extra = new URLSearchParams(more).toString()
    const { query } = this.flow
    return `${this.base}${page}${query}${extra === '' ? '' : `${query === '' ? '?' : '&'}${extra}`}`
  }

  /** What keeps the language that was asked for, on pages that no app's query goes with. */
  get localeQuery(): string {
    return this.#query.locale === undefined ? '' : `?locale=${this.words.locale}`
  }

  /** What people know the app as. */
  get name(): string {
    return brandOf(this.project).name
  }

  /** Where a link of this kind is asked for again; `null`: in the app alone. */
  newLink(purpose: MailPagePurpose): SafeHtml | null {
    const { settings } = this.project
    if (settings.sign_in_gate === 'disabled' || purpose === 'email_change' || purpose === 'email_change_undo') return null
    const page = purpose === 'password_reset' || purpose === 'account_recovery' ? '/forgot' : '/sign-in'
    const words = page === '/forgot' ? 'error.new_link_button' : 'sign_in.here'
    return html`<p><a class="button quiet" href="${this.base}${page}${this.localeQuery}">${this.say(words)}</a></p>`
  }

  /** Where a provider or a mailed link comes back to, absolute; on the host that holds this browser's cookie. */
  get returnUrl(): string {
    return new URL(`${this.#ownAddress(RETURN_PATH)}${this.flow.query}`).href
  }

  /** The same for an account of a provider that is to be connected. */
  get accountReturnUrl(): string {
    return this.#ownAddress(ACCOUNT_RETURN_PATH)
  }

  /**
   * Sends the browser on by a page instead of a redirect: the policy for forms holds redirects after a form too, and where a provider is
   * was not known when the form was shown.
   */
  leadTo(url: string): FastifyReply {
    return this.reply.header('refresh', `0; url=${url}`).type('text/html; charset=utf-8').send('<!doctype html><title>…</title>')
  }

  /** What our own proof key of this sign-in is made from. */
  get about(): string {
    return `${this.flow.app?.codeChallenge ?? ''} ${this.flow.app?.redirectTo ?? ''}`
  }

  /**
   * Whether a form of ours was sent by the person who looks at it. Else a page of somebody else's would sign its visitor in as that
   * somebody (login CSRF), or change the account of whoever is signed in.
   */
  isOurForm(formToken: string | undefined): boolean {
    const reason = autoSubmitReason({ headers: this.request.headers })
    return reason !== 'other_origin' && reason !== 'not_a_navigation' && this.#known !== null && this.#known.sent(formToken)
  }

  #ownAddress(path: string): string {
    const ownHost = projectBaseOf(this.request.raw)?.kind === 'host' && readHost(this.request.headers.host) !== null
    return `${ownHost ? `https://${this.request.headers.host}` : this.urls.issuer(this.project)}${path}`
  }

  /** `again`: the fields of an address at which the page can be asked for again, in another language; `null`: there is none. */
  send(content: Content, { again }: { again?: readonly (readonly [string, string])[] | null } = {}): FastifyReply {
    const kept = Object.entries({
      redirect_to: this.#query.redirectTo,
      code_challenge: this.#query.codeChallenge,
      state: this.#query.state,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const { app } = typeof this.#flow === 'string' ? { app: null } : this.#flow
    const targets = app === null ? {} : { formTargets: [app.redirectTo] }
    const frame = { brand: brandOf(this.project), words: this.words, again: again === undefined ? kept : again }
    return sendPage(this.reply, framed(frame, { ...targets, ...content }))
  }
}
