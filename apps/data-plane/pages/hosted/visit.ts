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
import { chooseLocale, readLocale, type Locale } from '@portico/kernel/locales'
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

/** Undoing a change is mailed once, and an invitation comes from whoever invited: neither can be asked for. */
const ASKED_AGAIN: Readonly<Record<string, readonly [page: string, words: MessageKey] | undefined>> = {
  password_reset: ['/forgot', 'error.new_link_button'],
  account_recovery: ['/forgot', 'error.new_link_button'],
  magic_link: ['/sign-in', 'error.new_link_button'],
  // Whoever signs in before the address is confirmed is offered the mail once more.
  email_confirm: ['/sign-in', 'error.new_link_button'],
  email_change: ['/account', 'account.title'],
}

/** One visit of one of our pages: who, from which app, in which language, and how the page is answered. */
export class Visit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly project: ProjectRecord
  readonly client: ClientInfo
  #words: Words
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
    this.#words = this.#wordsFor(null)
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

  /** What this browser is known by at its next password. */
  get deviceToken(): string | undefined {
    return this.cookies.devices.read(this.request)
  }

  get words(): Words {
    return this.#words
  }

  readonly say = (key: MessageKey, values?: MessageValues): string => this.#words.say(key, values)

  /** Once it is known whose visit this is: the language that they have chosen, unless the address asks for one. */
  speakAs(user: { metadata: Record<string, unknown> }): void {
    this.#words = this.#wordsFor(user.metadata['locale'] ?? user.metadata['lang'])
  }

  /** The same, of the reader of a mail. */
  speak(savedLocale: string | null): void {
    this.#words = this.#wordsFor(savedLocale)
  }

  #wordsFor(saved: unknown): Words {
    const header = this.request.headers['accept-language']
    return wordsOf(chooseLocale({ asked: this.#query.locale, saved, header, otherwise: this.project.settings.default_locale }))
  }

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

  /** The language that the address asks for, to be kept with an account that begins here. */
  get chosenLocale(): Locale | null {
    return this.#query.locale === undefined ? null : readLocale(this.#query.locale)
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
  newLink(purpose: MailPagePurpose | 'magic_link' | 'invitation'): SafeHtml | null {
    const again = this.project.settings.sign_in_gate === 'disabled' ? undefined : ASKED_AGAIN[purpose]
    if (again === undefined) return null
    const [page, words] = again
    return html`<p><a class="button quiet" href="${this.base}${page}${this.localeQuery}">${this.say(words)}</a></p>`
  }

  /** Where a provider or a mailed link comes back to, absolute; on the host that holds this browser's cookie. */
  get returnUrl(): string {
    return new URL(`${this.#ownAddress(RETURN_PATH)}${this.flow.query}`).href
  }

  /** The same for an account of a provider that is to be connected. */
  get accountReturnUrl(): string {
    return `${this.#ownAddress(ACCOUNT_RETURN_PATH)}${this.localeQuery}`
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
    return `${ownHost ? `https://${this.request.headers.host}` : this.urls.home(this.project)}${path}`
  }

  /** `again`: the fields of an address at which the page can be asked for again, in another language; `null`: there is none. */
  send(content: Content, { again }: { again?: readonly (readonly [string, string])[] | null } = {}): FastifyReply {
    const kept = Object.entries({
      redirect_to: this.#query.redirectTo,
      next: this.#query.next,
      code_challenge: this.#query.codeChallenge,
      state: this.#query.state,
      organization: this.#query.organization,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const { app } = typeof this.#flow === 'string' ? { app: null } : this.#flow
    const targets = app === null ? {} : { formTargets: [app.redirectTo] }
    const frame = { brand: brandOf(this.project), words: this.words, base: this.base, again: again === undefined ? kept : again }
    return sendPage(this.reply, framed(frame, { ...targets, ...content }))
  }
}
