/** One mail, ready to hand to a sender. Every retry of a row must produce exactly these bytes again. */
export interface EmailMessage {
  to: string
  subject: string
  text: string
  html: string
  /** Shown instead of the sender's own name; its address stays. */
  fromName?: string | null
  replyTo?: string | null
  headers?: Record<string, string>
  /** For the reports of a provider that has such. */
  tags?: Record<string, string>
}

/** What a template makes. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}

/** RFC 3834, section 5: keeps holiday notices and other robots from answering. */
export const AUTOMATIC_MAIL_HEADERS = { 'Auto-Submitted': 'auto-generated' } as const
