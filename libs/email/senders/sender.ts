import type { EmailMessage } from '../message.js'

export type SendResult =
  /** `providerId`: how the sender names the mail in what it reports later. */
  | { kind: 'sent'; providerId: string }
  /**
   * The same bytes may go through later: no answer, overload, quota. `untouched`: no connection was made, so that nobody has taken the
   * mail.
   */
  | { kind: 'retry'; code: string; detail?: string; retryAfterSeconds?: number; untouched?: true }
  /** Key, login, sender address or certificate refused: whoever configured the sender must mend it, and no mail gets through before. */
  | { kind: 'sender_refused'; code: string; detail?: string }
  /** The sender will never take these bytes for this recipient; `noMailbox`: nor any others, since there is none. */
  | { kind: 'rejected'; code: string; detail?: string; noMailbox?: true }
  | { kind: 'not_configured' }

/** What stays the same on every try of a mail. */
export interface SendOptions {
  /** The id of the mail's row. */
  idempotencyKey: string
  /** Of the first try. */
  date: Date
}

/** Never throws for an answer of the provider or for its absence. */
export interface EmailSender {
  send(message: EmailMessage, options: SendOptions): Promise<SendResult>
  /** Whether it would take mails, as far as can be told without sending one. */
  check(): Promise<SenderCheck>
  /** Ends idle connections; mails in work are finished. */
  close(): void
}

export type SenderCheck = { ok: true } | { ok: false; code: string; detail?: string }
