import type { RenderedMail } from '@portico/email/message'
import { accountRecovery } from '@portico/email/templates/account-recovery.en'
import { confirmEmail } from '@portico/email/templates/confirm-email.en'
import { emailCode } from '@portico/email/templates/email-code.en'
import { emailChangeNotice } from '@portico/email/templates/email-change-notice.en'
import { emailChange } from '@portico/email/templates/email-change.en'
import { invitation } from '@portico/email/templates/invitation.en'
import { magicLink } from '@portico/email/templates/magic-link.en'
import { passwordChanged } from '@portico/email/templates/password-changed.en'
import { passwordReset } from '@portico/email/templates/password-reset.en'
import { securityNotice } from '@portico/email/templates/security-notice.en'
import { signUpAttempt } from '@portico/email/templates/sign-up-attempt.en'
import type { MailContents } from '@portico/end-user/steps/mail/plan-mail'
import { isSecurityNotice } from '@portico/kernel/mails'

/** Text and HTML of a mail, or null when it is about an event that has no text. The same input gives the same bytes. */
export function renderMail(projectName: string, contents: MailContents): RenderedMail | null {
  switch (contents.template) {
    case 'confirm_email':
      return confirmEmail({ projectName, link: contents.link, code: contents.code })
    case 'sign_in': {
      const { link, code } = contents
      if (link !== null) return magicLink({ projectName, link, ...(code === null ? {} : { code }) })
      return code === null ? null : emailCode({ projectName, code })
    }
    case 'invitation':
      return invitation({ projectName, link: contents.link })
    case 'password_reset':
      return passwordReset({ projectName, link: contents.link })
    case 'sign_up_attempt':
      return signUpAttempt({ projectName, link: contents.link })
    case 'account_recovery':
      return accountRecovery({ projectName, link: contents.link, signIn: contents.signIn })
    case 'email_change':
      return emailChange({ projectName, link: contents.link, newAddress: contents.newAddress })
    case 'email_change_notice':
      return emailChangeNotice({ projectName, link: contents.link, newAddress: contents.newAddress })
    case 'password_changed':
      return passwordChanged({ projectName })
    case 'security_notice':
      return isSecurityNotice(contents.event) ? securityNotice({ projectName, event: contents.event }) : null
  }
}
