/** One mail, ready to hand to a provider. Every retry of a row must produce exactly these bytes again. */
export interface EmailMessage {
  /** `no-reply@example.com` or `Name <no-reply@example.com>`; set by the operator. */
  from: string
  to: string
  subject: string
  text: string
  html: string
  headers?: Record<string, string>
}

/** What a template makes. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}

/** RFC 3834, section 5: keeps holiday notices and other robots from answering. */
export const AUTOMATIC_MAIL_HEADERS = { 'Auto-Submitted': 'auto-generated' } as const
