/** What a mailed link is for; the same words as in the links. */
export const MAIL_PAGE_PURPOSES = [
  'password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'account_recovery', 'device_report',
] as const
export type MailPagePurpose = (typeof MAIL_PAGE_PURPOSES)[number]

export function readMailPurpose(text: string): MailPagePurpose | null {
  return MAIL_PAGE_PURPOSES.find((purpose) => purpose === text) ?? null
}
