import type { EmailConfig } from '@portico/config/email-config'
import { NullSender } from '@portico/email/senders/null-sender'
import { ResendSender } from '@portico/email/senders/resend-sender'
import type { EmailSender } from '@portico/email/senders/sender'
import { SmtpSender } from '@portico/email/senders/smtp-sender'
import type { Logger } from '@portico/http/request-log'
import { connectPlain } from '@portico/outbound/plain-socket'
import { SenderHealth } from './sender-health.js'
import type { MailSender } from './send-by-first-ready.js'

export interface MailSendersParts {
  config: { email: EmailConfig | null }
  logger: Logger
  probeMs?: number | undefined
}

const CONNECT_MS = 5_000

/** Who sends a project's mail. */
export class MailSenders {
  readonly #installation: MailSender

  constructor({ config, logger, probeMs }: MailSendersParts) {
    const health = new SenderHealth({
      onBroken: (code) =>
        logger.error({ code }, 'the mail sender of the installation is refused: mails wait, and one is tried every 30 s'),
      ...(probeMs === undefined ? {} : { probeMs }),
      onWell: () => logger.info('the mail sender of the installation works again'),
    })
    const retries = config.email?.kind === 'smtp' ? config.email.retries : null
    this.#installation = { owner: 'installation', sender: installationSender(config.email), health, retries }
  }

  get failing(): boolean {
    return this.#installation.health.broken
  }

  async of(): Promise<readonly MailSender[]> {
    return [this.#installation]
  }

  close(): void {
    this.#installation.sender.close()
  }
}

function installationSender(email: EmailConfig | null): EmailSender {
  if (!email) return new NullSender()
  if (email.kind === 'resend')
    return new ResendSender({ apiKey: email.apiKey, from: email.from, ...(email.baseUrl === null ? {} : { baseUrl: email.baseUrl }) })
  // The operator's own server may be on the operator's own network.
  return new SmtpSender({ ...email, connect: (host, port) => connectPlain(host, port, CONNECT_MS) })
}
