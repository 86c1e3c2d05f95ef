import type { EmailMessage } from './message.js'

export type SendResult =
  | { kind: 'sent'; providerId: string }
  /** The same bytes may go through later: no answer, overload, quota, or a mistake of the operator (key, sender, base URL). */
  | { kind: 'retry'; code: string; retryAfterSeconds?: number }
  /** The provider will never take these bytes. */
  | { kind: 'rejected'; code: string }
  | { kind: 'not_configured' }

/** Never throws for an answer of the provider or for its absence. */
export interface EmailSender {
  send(message: EmailMessage, options: { idempotencyKey: string }): Promise<SendResult>
}
