import { parseEmailAddress } from '@portico/kernel/email-address'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import type { ProjectScope } from '@portico/database/project-scope'

/** A mail that is about to be sent for the first time. */
export interface BudgetedMail {
  kind: string
  /** Where it goes, as typed. */
  to: string
  /** Whether the account it is about has proved this address. */
  proven: boolean
}

export type MailRefusal = 'project_mail_limit' | 'recipient_mail_limit' | 'bounce_rate_limit'

export interface MailBudgetProject {
  scope: ProjectScope
  settings: Pick<ProjectSettings, 'limits'>
  /** Its mails do not go through the sender that all share. */
  ownSender: boolean
}

/** Counts mails; the worker gives the counters. Answers in the order of the mails, `null` for those that may go. */
export interface MailBudget {
  admit(project: MailBudgetProject, mails: readonly BudgetedMail[]): Promise<(MailRefusal | null)[]>
}

/** Mails that anybody can have sent to an address they know; together they may use only a share of what a recipient gets in a day. */
const ASKED_FOR = new Set([
  'sign_in', 'email_confirm', 'email_confirm_resend', 'sign_up_attempt', 'email_change_confirm', 'invitation', 'template_test',
])

export const isAskedFor = (kind: string) => ASKED_FOR.has(kind)

/**
 * A flood must not keep the way back into an account, nor the word that it was touched, from its owner: whatever the counters say, such a
 * mail goes out once an hour for each account that has proved its address. An account that a stranger made for somebody else's address has
 * not.
 */
export const isEssential = ({ kind, proven }: BudgetedMail) => proven && !isAskedFor(kind)

/** What mails are counted by: one mailbox however it is written. */
export const mailbox = (to: string) => parseEmailAddress(to)?.normalised ?? to.toLowerCase()
