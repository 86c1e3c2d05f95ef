import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from '@portico/end-user/caller'
import { ASKS_NOTHING, type AskedProof } from '@portico/end-user/steps/asked-proof'
import type { ConfirmEmailChange } from '@portico/end-user/email/confirm-email-change'
import type { ConfirmSignUp } from '@portico/end-user/email/confirm-sign-up'
import type { UndoEmailChange } from '@portico/end-user/email/undo-email-change'
import type { ConfirmPasswordReset } from '@portico/end-user/ways-in/password/confirm-password-reset'
import type { HtmlPage } from '@portico/http/html-page'
import { toAuthError } from '@portico/http/error-answer'
import type { AuthError, ErrorCode } from '@portico/kernel/auth-error'
import { askPage, donePage, failedPage } from './mail-page.js'
import type { MailPagePurpose } from './mail-purpose.js'

export interface MailedForm {
  token: string
  password: string
  factorCode: string
}

export interface MailedLinkUseCases {
  confirmPasswordReset: ConfirmPasswordReset
  confirmSignUp: ConfirmSignUp
  confirmEmailChange: ConfirmEmailChange
  undoEmailChange: UndoEmailChange
}

/** The page behind a mailed link, what its button does, and the page that says how it went. */
export class SpendMailedLink {
  constructor(private readonly use: MailedLinkUseCases) {}

  async ask(project: ProjectRecord, purpose: MailPagePurpose, token: string): Promise<HtmlPage> {
    return askPage(purpose, project, token, { asked: await this.#asked(project, purpose, token) })
  }

  async execute(project: ProjectRecord, purpose: MailPagePurpose, form: MailedForm, caller: Caller): Promise<HtmlPage> {
    try {
      const passwordRemoved = await this.#spend(project, purpose, form, caller)
      return donePage(purpose, project, passwordRemoved ? PASSWORD_REMOVED : undefined)
    } catch (thrown) {
      const error = toAuthError(thrown)
      if (error.status >= 500) throw thrown
      const message = PROBLEMS[purpose]?.[error.code]
      if (error.code !== 'weak_password' && message === undefined) return failedPage(project, error.message, error.status)
      const problem = { status: error.status, message: message ?? reason(error) }
      return askPage(purpose, project, form.token, { asked: await this.#asked(project, purpose, form.token), problem })
    }
  }

  /** Whether the account lost its password by it. */
  async #spend(project: ProjectRecord, purpose: MailPagePurpose, { token, ...form }: MailedForm, caller: Caller): Promise<boolean> {
    const password = form.password === '' ? undefined : form.password
    const factorCode = form.factorCode === '' ? undefined : form.factorCode
    switch (purpose) {
      case 'password_reset':
        await this.use.confirmPasswordReset.execute(project, { token, password: form.password }, caller)
        return false
      case 'email_change_undo':
        await this.use.undoEmailChange.execute(project, token, caller)
        return false
      case 'email_change':
        return (await this.use.confirmEmailChange.execute(project, { token, password, factorCode }, null, caller)).passwordRemoved
      case 'email_confirm':
        return (await this.use.confirmSignUp.execute(project, { token, password, factorCode }, caller, { strict: true, session: null }))
          .passwordRemoved
    }
  }

  async #asked(project: ProjectRecord, purpose: MailPagePurpose, token: string): Promise<AskedProof> {
    if (token === '') return ASKS_NOTHING
    if (purpose === 'email_confirm') return this.use.confirmSignUp.asks(project, token)
    if (purpose === 'email_change') return (await this.use.confirmEmailChange.asks(project, token)) ?? ASKS_NOTHING
    return ASKS_NOTHING
  }
}

const PASSWORD_REMOVED =
  'Your email address is confirmed. Nobody showed that the password of the account is yours, so it was removed: ask for a new one in the app («forgot password»).'

/** Refusals after which the link is still good: the page asks again. */
const PROBLEMS: Partial<Record<MailPagePurpose, Partial<Record<ErrorCode, string>>>> = {
  email_confirm: {
    same_browser_required: 'Type the password you chose when you signed up.',
    invalid_credentials: 'This is not the password you signed up with.',
    invalid_code: 'This code is wrong or was used before. Type the next one.',
  },
  email_change: {
    reauthentication_required: 'Type the password of your account.',
    invalid_credentials: 'This is not the password of the account.',
    second_factor_required: 'Type the code of your authenticator app too.',
    invalid_code: 'This code is wrong or was used before. Type the next one.',
  },
}

function reason(error: AuthError): string {
  return error.details?.[0]?.message ?? error.message
}
