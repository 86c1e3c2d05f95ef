import type { EmailSender, SendResult } from './sender.js'

/** The sender of an installation without a provider: sends nothing and says so. */
export class NullSender implements EmailSender {
  async send(): Promise<SendResult> {
    return { kind: 'not_configured' }
  }
}
