import type { Caller } from '@portico/end-user/caller'
import { ASKS_NOTHING, type AskedProof } from '@portico/end-user/steps/asked-proof'
import { toAuthError } from '@portico/http/error-answer'
import type { AuthError, ErrorCode } from '@portico/kernel/auth-error'
import type { UseCases } from '../use-cases.js'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { askPage, donePage, failedPage } from './mail-page.js'
import type { MailPagePurpose } from './mail-purpose.js'
import { weakPasswordText } from './words/refusals.js'
import { whyRefused } from './why-refused.js'
import type { MessageKey } from './words/words.js'

export interface MailedForm {
  token: string
  password: string
  factorCode: string
}

/** What is spent without starting a session. */
export type SpentPurpose = Exclude<MailPagePurpose, 'account_recovery'>

/** The page behind a mailed link, what its button does, and the page that says how it went. */
export class SpendMailedLink {
  constructor(private readonly use: UseCases) {}

  async ask(visit: Visit, purpose: MailPagePurpose, token: string): Promise<Content> {
    if (token !== '') visit.speak((await this.use.readMailedLink.execute(visit.project, purpose, token)).savedLocale)
    return askPage(visit, purpose, token, { asked: await this.#asked(visit, purpose, token) })
  }

  async execute(visit: Visit, purpose: SpentPurpose, form: MailedForm): Promise<Content> {
    try {
      const passwordRemoved = await this.#spend(visit, purpose, form, visit.client)
      return donePage(visit, visit.say(passwordRemoved ? 'link.password_removed' : `link.${purpose}.done`))
    } catch (thrown) {
      return this.refused(visit, purpose, form.token, thrown)
    }
  }

  /** Asks again where the link is still good; else says which it is, and offers a new one. */
  async refused(visit: Visit, purpose: MailPagePurpose, token: string, thrown: unknown): Promise<Content> {
    const error = toAuthError(thrown)
    if (error.status >= 500) throw thrown
    visit.request.errorCode = error.code
    const key = PROBLEMS[purpose]?.[error.code]
    if (error.code !== 'weak_password' && key === undefined) {
      return failedPage(visit, await whyRefused(this.use, visit, { purpose, token }, error.code), error.status, visit.newLink(purpose))
    }
    const problem = { status: error.status, message: key === undefined ? reason(visit, error) : visit.say(key) }
    return askPage(visit, purpose, token, { asked: await this.#asked(visit, purpose, token), problem })
  }

  /** Whether the account lost its password by it. */
  async #spend({ project }: Visit, purpose: SpentPurpose, { token, ...form }: MailedForm, caller: Caller): Promise<boolean> {
    const password = form.password === '' ? undefined : form.password
    const factorCode = form.factorCode === '' ? undefined : form.factorCode
    switch (purpose) {
      case 'password_reset':
        await this.use.confirmPasswordReset.execute(project, { token, password: form.password }, caller)
        return false
      case 'email_change_undo':
        await this.use.undoEmailChange.execute(project, token, caller)
        return false
      case 'device_report':
        await this.use.reportDevice.execute(project, token, caller)
        return false
      case 'email_change':
        return (await this.use.confirmEmailChange.execute(project, { token, password, factorCode }, null, caller)).passwordRemoved
      case 'email_confirm': {
        const input = { token, password, factorCode }
        return (await this.use.confirmSignUp.execute(project, input, caller, { strict: true, session: null })).passwordRemoved
      }
    }
  }

  async #asked({ project }: Visit, purpose: MailPagePurpose, token: string): Promise<AskedProof> {
    if (token === '') return ASKS_NOTHING
    if (purpose === 'email_confirm') return this.use.confirmSignUp.asks(project, token)
    if (purpose === 'email_change') return (await this.use.confirmEmailChange.asks(project, token)) ?? ASKS_NOTHING
    return ASKS_NOTHING
  }
}

/** Refusals after which the link is still good: the page asks again. */
const PROBLEMS: Partial<Record<MailPagePurpose, Partial<Record<ErrorCode, MessageKey>>>> = {
  email_confirm: {
    same_browser_required: 'problem.email_confirm.same_browser_required',
    invalid_credentials: 'problem.email_confirm.invalid_credentials',
    invalid_code: 'problem.next_code',
  },
  email_change: {
    reauthentication_required: 'problem.email_change.reauthentication_required',
    invalid_credentials: 'problem.email_change.invalid_credentials',
    second_factor_required: 'problem.email_change.second_factor_required',
    invalid_code: 'problem.next_code',
  },
}

function reason({ words }: Visit, error: AuthError): string {
  return weakPasswordText(words, error.details?.[0]?.code)
}
