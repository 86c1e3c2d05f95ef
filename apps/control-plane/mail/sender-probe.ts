import { openSender } from '@portico/email/senders/open-sender'
import type { SenderProbe } from '@portico/platform/mail/sender-ports'

/** Connects and logs in, or asks Resend whether it knows the key. */
export function senderProbe(options: { allowLoopback: boolean; resendBaseUrl: string | undefined }): SenderProbe {
  return {
    async check({ kind, from, config, secret }) {
      const { host, port, security, user } = config
      const where = { ...(host !== undefined && { host }), ...(port !== undefined && { port }), ...(security && { security }) }
      const sender = openSender({ kind, from, secret, ...where, ...(user !== undefined && { user }) }, options)
      try {
        return await sender.check()
      } finally {
        sender.close()
      }
    },
  }
}
