import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import { autoSubmitReason } from '@portico/end-user/abuse/link-opener'
import type { ClientInfo } from '@portico/http/request-context'
import { sendPage } from '@portico/http/html-page'
import { readHost } from '@portico/http/request-host'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { projectBaseOf } from '../../project/project-base.js'
import type { HttpExchange } from '../../project/project-routes.js'
import { brandOf } from '../look/brand.js'
import { framed, type Content } from '../look/frame.js'
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
  readonly browser: BrowserSecret
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
    this.words = wordsOf('en')
    // Read before a new one is made: who brings none has sent no form of ours.
    this.#known = cookies.known(call.request)
    this.browser = this.#known ?? cookies.browser(call.request, call.reply)
    this.#flow = readFlow(call.project, call.query)
    const base = projectBaseOf(call.request.raw)
    this.base = base?.kind === 'id' ? base.path : ''
  }

  readonly #known: BrowserSecret | null

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

  /** Where a provider or a mailed link comes back to, absolute; on the host that holds this browser's cookie. */
  get returnUrl(): string {
    const host = projectBaseOf(this.request.raw)?.kind === 'host' ? readHost(this.request.headers.host) : null
    const page = host === null ? this.urls.returnPage(this.project) : `https://${this.request.headers.host}/sign-in/return`
    return new URL(`${page}${this.flow.query}`).href
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

  send(content: Content, { again = true }: { again?: boolean } = {}): FastifyReply {
    const kept = Object.entries({
      redirect_to: this.#query.redirectTo,
      code_challenge: this.#query.codeChallenge,
      state: this.#query.state,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const { app } = typeof this.#flow === 'string' ? { app: null } : this.#flow
    const targets = app === null ? {} : { formTargets: [app.redirectTo] }
    const frame = { brand: brandOf(this.project), words: this.words, again: again ? kept : null }
    return sendPage(this.reply, framed(frame, { ...targets, ...content }))
  }
}
