import type { MailSender } from '@portico/sdk'

export const SENDER_KINDS: Record<MailSender['kind'], string> = {
  smtp: 'A mail server',
  resend: 'Resend, with a key of yours',
  resend_domain: 'A domain of yours, through this installation',
}

/** Of a project, or (`null`) of the workspace. */
export const senderKey = (owner: string | null) => ['mail-sender', owner ?? 'workspace']
