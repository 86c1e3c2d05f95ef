import type { EmailSender, SenderCheck, SendResult } from './sender.js'

/** The sender of an installation without a provider: sends nothing and says so. */
export class NullSender implements EmailSender {
  async send(): Promise<SendResult> {
    return { kind: 'not_configured' }
  }

  async check(): Promise<SenderCheck> {
    return { ok: false, code: 'not_configured' }
  }

  close(): void {}
}
