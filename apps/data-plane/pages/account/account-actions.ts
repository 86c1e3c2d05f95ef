import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { html } from '@portico/http/html-page'
import { sendAway } from '@portico/http/send-away'
import { AuthError, type ErrorCode, type FieldProblem } from '@portico/kernel/auth-error'
import type { FastifyReply } from 'fastify'
import { recoveryCodesView, totpForm } from '../hosted/enrol.view.js'
import type { AccountForm } from '../hosted/hosted.body.js'
import type { HostedPages } from '../hosted/hosted-pages.js'
import { readCredential } from '../hosted/read-credential.js'
import type { Visit } from '../hosted/visit.js'
import { hidden } from '../look/controls.js'
import { refusalText, weakPasswordText } from '../words/refusals.js'
import { accountExport } from './account-export.js'
import type { ReadAccountPage } from './read-account-page.js'

type Action = (visit: Visit, session: AuthenticatedSession, form: AccountForm) => Promise<FastifyReply>

/** What the buttons of the account page do: the same use cases as the JSON routes, with the same steps up. */
export class AccountActions {
  constructor(
    private readonly pages: HostedPages,
    private readonly reader: ReadAccountPage,
  ) {}

  execute(visit: Visit, session: AuthenticatedSession, form: AccountForm): Promise<FastifyReply> {
    const { intent = '' } = form
    const action = Object.hasOwn(this.#actions, intent) ? this.#actions[intent] : undefined
    if (action === undefined) throw new AuthError('invalid_request')
    return action(visit, session, form)
  }

  problem({ words, say }: Visit, code: ErrorCode, detail: FieldProblem | undefined): string {
    if (code === 'weak_password') return weakPasswordText(words, detail?.code)
    if (code === 'validation_error' && detail?.field === 'email') return say('error.email')
    if (code === 'invalid_credentials') return say('problem.email_change.invalid_credentials')
    return refusalText(words, code)
  }

  async signOut(visit: Visit, session: AuthenticatedSession | null): Promise<FastifyReply> {
    // It may have ended meanwhile: then there is nothing left to end.
    if (session !== null) await this.#use.endSession.execute(visit.project, session, session.id, visit.client).catch(ignoreGone)
    visit.cookies.dropSession(visit.request, visit.reply)
    return sendAway(visit.reply, `${visit.base}/signed-out${visit.localeQuery}`)
  }

  get #use() {
    return this.pages.use
  }

  readonly #actions: Readonly<Record<string, Action>> = {
    sign_out: (visit, session) => this.signOut(visit, session),
    end_all: async (visit, session) => {
      await this.#use.endAllSessions.execute(visit.project, session, visit.client)
      visit.cookies.dropSession(visit.request, visit.reply)
      return sendAway(visit.reply, `${visit.base}/signed-out${visit.localeQuery}`)
    },
    end_session: async (visit, session, { id = '' }) => {
      await this.#use.endSession.execute(visit.project, session, id, visit.client)
      return saved(visit)
    },
    email: async (visit, session, form) => {
      const { email = '' } = form
      const asked = { email, password: passwordOf(form), askedIn: visit.words.locale }
      await this.#use.requestEmailChange.execute(visit.project, session, asked, visit.client)
      return this.reader.show(visit, session, { note: visit.say('account.email_sent', { email }) })
    },
    cancel_email: async (visit, session) => {
      await this.#use.cancelEmailChange.execute(visit.project, session, visit.client)
      return saved(visit)
    },
    password: async (visit, session, { currentPassword = '', password = '' }) => {
      await this.#use.changePassword.execute(visit.project, session, { currentPassword, password }, visit.client)
      return saved(visit, 'password')
    },
    mail_password: async (visit, session) => {
      const { email } = session.user
      await this.#use.requestPasswordReset.execute(visit.project, { email, askedIn: visit.words.locale })
      return this.reader.show(visit, session, { note: visit.say('forgot.sent', { email }) })
    },
    passkey: async (visit, session, { credential = '' }) => {
      const made = readCredential(credential)
      if (made === null) throw new AuthError('passkey_refused')
      const who = await this.#use.findEnrolling.execute(visit.project, session, undefined)
      const { recoveryCodes } = await this.#use.registerPasskey.execute(visit.project, who, { credential: made }, visit.client)
      return this.#codes(visit, recoveryCodes)
    },
    totp: async (visit, session, form) => {
      const who = await this.#use.findEnrolling.execute(visit.project, session, undefined)
      return askForCode(visit, await this.#use.startTotp.execute(visit.project, who, proofOf(form), visit.client))
    },
    totp_code: async (visit, session, { factorId = '', code = '' }) => {
      const who = await this.#use.findEnrolling.execute(visit.project, session, undefined)
      try {
        const { recoveryCodes } = await this.#use.activateTotp.execute(visit.project, who, { factorId, code }, visit.client)
        return this.#codes(visit, recoveryCodes)
      } catch (thrown) {
        const { code: reason, status } = this.pages.noted(visit, thrown)
        if (reason !== 'invalid_code') throw thrown
        return askForCode(visit, { factorId }, refusalText(visit.words, reason), status)
      }
    },
    recovery: async (visit, session, form) =>
      this.#codes(visit, await this.#use.replaceRecoveryCodes.execute(visit.project, session, proofOf(form), visit.client)),
    remove_factor: async (visit, session, form) => {
      await this.#use.removeFactor.execute(visit.project, session, { factorId: form.id ?? '', ...proofOf(form) }, visit.client)
      return saved(visit)
    },
    connect: async (visit, session, form) => {
      const asked = { redirectTo: visit.accountReturnUrl, codeChallenge: visit.browser.challenge('connect'), password: passwordOf(form) }
      return visit.leadTo(await this.#use.startLink.execute(visit.project, session, form.id ?? '', asked, visit.client))
    },
    disconnect: async (visit, session, form) => {
      const [provider, subject] = readIdentity(form.id ?? '')
      await this.#use.unlinkIdentity.execute(visit.project, session, { provider, subject, password: passwordOf(form) }, visit.client)
      return saved(visit)
    },
    export: async (visit, session) => {
      const { account, sessions, passkeys } = await this.reader.read(visit, session)
      return visit.reply
        .header('content-disposition', 'attachment; filename="account.json"')
        .type('application/json; charset=utf-8')
        .send(accountExport({ account, sessions, passkeys }))
    },
    delete: async (visit, session, form) => {
      await this.#use.deleteUser.execute(visit.project, session, passwordOf(form), visit.client)
      visit.cookies.dropSession(visit.request, visit.reply)
      return visit.send({ title: visit.say('done'), body: html`<p role="status">${visit.say('account.deleted')}</p>` }, { again: null })
    },
  }

  async #codes(visit: Visit, codes: readonly string[] | null): Promise<FastifyReply> {
    if (codes === null) return saved(visit)
    const next = html`<a class="button" href="${visit.base}/account${visit.localeQuery}">${visit.say('codes.kept')}</a>`
    return visit.send(recoveryCodesView(visit, codes, next), { again: null })
  }
}

function askForCode(visit: Visit, started: Parameters<typeof totpForm>[2], problem: string | null = null, status = 200): FastifyReply {
  const fields = hidden('form_token', visit.browser.formToken)
  const body = html`${totpForm(visit, `${visit.base}/account${visit.localeQuery}`, started, fields, problem)}
<p class="foot"><a href="${visit.base}/account${visit.localeQuery}">${visit.say('account.cancel')}</a></p>`
  return visit.send({ title: visit.say('enrol.with_app'), body, status }, { again: null })
}

/** The page is asked for again, so that a reload does nothing twice. */
export function saved(visit: Visit, done = 'saved'): FastifyReply {
  const { base, localeQuery, reply } = visit
  return sendAway(reply, `${base}/account${localeQuery === '' ? '?' : `${localeQuery}&`}done=${done}`)
}

const given = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : text)
const passwordOf = (form: AccountForm) => given(form.currentPassword)
const proofOf = (form: AccountForm) => ({ password: passwordOf(form), code: given(form.factorCode) })

function readIdentity(text: string): [string, string] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string') return [value[0], value[1]]
  } catch {
    // Not one of our buttons.
  }
  throw new AuthError('not_found')
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof AuthError) || error.code !== 'not_found') throw error
}
