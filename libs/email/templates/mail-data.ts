import type { NoticeAbout, SecurityNotice } from '@portico/kernel/mails'

/** What a mail is about, by its template. */
export type MailData =
  | { template: 'password_reset' | 'sign_up_attempt' | 'invitation'; link: string }
  /** `isNew`: the link opens the account; else it leads into the app (`null`: the project has named no page) and is no key. */
  | { template: 'organization_invitation'; link: string | null; organizationName: string; isNew: boolean }
  /** `signIn`: the link signs in, for a project without passwords. */
  | { template: 'account_recovery'; link: string; signIn: boolean }
  | { template: 'confirm_email'; link: string; code: string }
  | { template: 'sign_in'; link: string | null; code: string | null }
  | { template: 'email_change' | 'email_change_notice'; link: string; newAddress: string }
  /** `device`: such as `Chrome · macOS · 203.0.113.0/24`. */
  | { template: 'new_device'; link: string; device: string }
  /** `resetLink`: a page where a new reset can be asked for; it carries no token. */
  | { template: 'password_changed'; resetLink: string | null }
  | { template: 'security_notice'; event: SecurityNotice; about?: NoticeAbout }

export type MailTemplate = MailData['template']

/** Enough to recognise one's own new address, not enough to harvest it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return `${[...address][0] ?? ''}…${address.slice(at)}`
}

/** What a notice says besides its event; in a sample there is nothing to say. */
export function noticeAbout({ about }: { about?: NoticeAbout }): Record<keyof NoticeAbout, string> {
  return { connection: about?.connection ?? '…', date: about?.date ?? '…' }
}
