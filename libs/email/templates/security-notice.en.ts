import type { SecurityNotice } from '@portico/kernel/mails'
import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

const TEXTS: Record<SecurityNotice, string> = {
  sessions_ended: 'All sessions of your account were ended.',
  session_reuse_detected: 'A sign-in of your account was used from two places at once, so we ended it.',
  email_changed: 'The email address of your account was changed.',
  password_removed: 'Your address was confirmed, and nothing showed that the password of the account is yours. So that password was removed.',
  factor_added: 'A second factor was added to your account.',
  factor_removed: 'A second factor was removed from your account.',
  passkey_added: 'A passkey was added to your account.',
  passkey_removed: 'A passkey was removed from your account.',
  recovery_codes_created: 'New recovery codes were made for your account. The old ones stopped working.',
  recovery_code_used: 'A recovery code was used to sign in to your account.',
  identity_linked: 'A new way to sign in was connected to your account.',
  identity_unlinked: 'A way to sign in was disconnected from your account.',
  factors_reset: 'The team of the app removed every second factor and passkey from your account and signed you out everywhere.',
  evicted: 'The team of the app removed every way to sign in from your account and ended every session.',
  email_change_requested: 'A change of the email address of your account was requested.',
  account_deleted: 'Your account was deleted.',
}

export function securityNotice({ projectName, event }: { projectName: string; event: SecurityNotice }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Security notice for your ${name} account`,
    heading: 'Security notice',
    lead: [TEXTS[event], event === 'password_removed' ? `Set a new one with «forgot password» in ${name}.` : 'If that was you, there is nothing to do.'],
    after: [`If it was not you, reset your password and contact the team of ${name}.`],
  })
}
