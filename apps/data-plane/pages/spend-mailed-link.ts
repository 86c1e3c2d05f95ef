import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from '@portico/end-user/caller'
import type { ConfirmSignUp } from '@portico/end-user/email/confirm-sign-up'
import type { UndoEmailChange } from '@portico/end-user/email/undo-email-change'
import type { ConfirmPasswordReset } from '@portico/end-user/ways-in/password/confirm-password-reset'
import type { HtmlPage } from '@portico/http/html-page'
import { toAuthError } from '@portico/http/error-answer'
import type { AuthError } from '@portico/kernel/auth-error'
import { askPage, donePage, failedPage } from './mail-page.js'
import type { MailPagePurpose } from './mail-purpose.js'

/** What the button on a mailed link's page does, and the page that says how it went. */
export class SpendMailedLink {
  constructor(
    private readonly confirmReset: ConfirmPasswordReset,
    private readonly confirmSignUp: ConfirmSignUp,
    private readonly undoChange: UndoEmailChange,
  ) {}

  async execute(project: ProjectRecord, purpose: MailPagePurpose, form: { token: string; password: string }, caller: Caller): Promise<HtmlPage> {
    try {
      if (purpose === 'password_reset') await this.confirmReset.execute(project, form, caller)
      else if (purpose === 'email_change_undo') await this.undoChange.execute(project, form.token, caller)
      else await this.confirmSignUp.execute(project, { token: form.token, password: form.password === '' ? undefined : form.password }, caller, { strict: true })
      return donePage(purpose, project.name, project.settings.site_url)
    } catch (thrown) {
      const error = toAuthError(thrown)
      if (error.status >= 500) throw thrown
      if (error.code === 'weak_password') return askPage(purpose, project.name, form.token, project.settings.password_min_length, { problem: { status: 422, message: reason(error) } })
      if (error.code === 'same_browser_required' || error.code === 'invalid_credentials') {
        const message = error.code === 'same_browser_required' ? 'Type the password you chose when you signed up.' : 'This is not the password you signed up with.'
        return askPage(purpose, project.name, form.token, project.settings.password_min_length, { withPassword: true, problem: { status: error.status, message } })
      }
      return failedPage(project.name, error.message, error.status)
    }
  }
}

function reason(error: AuthError): string {
  return error.details?.[0]?.message ?? error.message
}
