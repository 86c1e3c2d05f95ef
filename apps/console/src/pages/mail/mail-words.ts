import type { ProjectMail } from '@portico/sdk'
import type { Tone } from '../../ui/badge.js'

export const STATES: Record<ProjectMail['state'], [word: string, tone: Tone, meaning: string]> = {
  queued: ['waits', 'accent', 'It is about to be sent, or tried again.'],
  sent: ['sent', 'good', 'The sender took it. A mail server tells no more than that.'],
  delayed: ['late', 'warn', 'The sender took it, and the mailbox has not yet.'],
  delivered: ['delivered', 'good', 'It is in the mailbox.'],
  bounced: ['bounced', 'bad', 'It came back.'],
  complained: ['spam', 'bad', 'The recipient reported it as spam.'],
  suppressed: ['suppressed', 'warn', 'The address is on the list of those that get no mail.'],
  skipped: ['nothing to send', 'neutral', 'There was nothing to send.'],
  not_sent: ['not sent', 'bad', 'No sender is configured.'],
  failed: ['given up', 'bad', 'It was given up.'],
}

const REASONS: Record<string, string> = {
  no_account: 'Nobody has an account with that address. The answer to who asked was the same.',
  account_disabled: 'The account is disabled.',
  already_verified: 'The address was proved already.',
  no_address: 'There was no address to write to.',
  no_invitation: 'The invitation is gone.',
  superseded: 'A later one took its place.',
  address_changed: 'The account has another address by now.',
  auth_disabled: 'Auth is off in this project.',
  suppressed: 'The address is on the list of those that get no mail.',
  out_of_time: 'It was tried for 23 hours.',
  email_not_configured: 'Neither this project nor the workspace nor the installation has a sender.',
  not_configured: 'Neither this project nor the workspace nor the installation has a sender.',
  recipient_mail_limit: 'That address was sent too many mails; it waits.',
  project_mail_limit: 'This project has sent as much as it may for now; it waits.',
  render_failed: 'The mail could not be made.',
  unknown_event: 'This version knows no mail of that kind.',
  unknown_kind: 'This version knows no mail of that kind.',
  address_not_supported: 'The mail server cannot write to such an address.',
  address_not_allowed: 'The mail server’s address leads into an inner network, where nothing is sent. Give one that the internet reaches.',
  login_not_offered: 'The mail server offers no login that fits. Look at the encryption and the port.',
  tls_failed: 'The certificate of the mail server is not accepted: expired, of another name, or of an unknown authority.',
  no_answer: 'No answer came. It is tried again.',
  unreachable: 'The mail server is not reached. Look at host and port, and whether a firewall stands between.',
  malformed_answer: 'The provider’s answer made no sense. It is tried again.',
  missing_api_key: 'The provider asks for a key.',
  invalid_api_key: 'The provider refuses the key. Make another one there, and set it here.',
  restricted_api_key: 'The key may not do this.',
  invalid_from_address: 'The provider refuses the address in From. Verify its domain there.',
  daily_quota_exceeded: 'The provider’s quota of the day is used up.',
  monthly_quota_exceeded: 'The provider’s quota of the month is used up.',
  rate_limit_exceeded: 'The provider asks to go slower. It is tried again.',
}

const REPLIES: [RegExp, string][] = [
  [/^smtp_53[0458]/, 'The mail server refuses user and password. Set the sender again with ones that it takes.'],
  [/^smtp_55\d_5\.1\./, 'There is no such mailbox.'],
  [/^smtp_552|5\.2\.2/, 'The mailbox is full, or the mail too large.'],
  [/^smtp_55\d_5\.7/, 'Refused for a rule of the other side: often SPF, DKIM or a block list.'],
  [/^smtp_5/, 'The mail server refused it for good.'],
  [/^smtp_4/, 'The mail server asked to try later.'],
  [/^permanent/, 'It came back for good: the mailbox does not exist, or takes nothing.'],
  [/^transient/, 'It came back for now: a full mailbox, or a server that is away.'],
]

/** A code of the API in a sentence; the code itself where it is a new one. */
export const sayReason = (code: string): string =>
  REASONS[code] ?? REPLIES.find(([pattern]) => pattern.test(code))?.[1] ?? code.replaceAll('_', ' ')

const KINDS: Record<string, string> = {
  password_reset: 'Password reset',
  email_confirm: 'Confirm the address',
  email_confirm_resend: 'Confirm the address, again',
  sign_up_attempt: 'Sign-up with a known address',
  sign_in: 'Sign-in link or code',
  invitation: 'Invitation',
  organization_invitation: 'Invitation to an organization',
  account_recovery: 'Way back in',
  email_change_confirm: 'Confirm a new address',
  email_change_notice: 'Address is changing',
  password_changed: 'Password was changed',
  security_notice: 'Security notice',
}

export const kindName = (kind: string): string => KINDS[kind] ?? kind.replaceAll('_', ' ')
