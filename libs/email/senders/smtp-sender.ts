import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import { createTransport, type SMTPPoolOptions, type Transporter } from 'nodemailer'
import { readMailbox, type Mailbox } from '../mailbox.js'
import { AUTOMATIC_MAIL_HEADERS, type EmailMessage } from '../message.js'
import type { EmailSender, SenderCheck, SendOptions, SendResult } from './sender.js'
import { smtpAnswer, SmtpConnectError } from './smtp-answer.js'

/** `tls`: from the first byte (port 465); `starttls`: before the login, or not at all; `none`: only for a server beside us. */
export type SmtpSecurity = 'tls' | 'starttls' | 'none'

export interface SmtpSenderOptions {
  host: string
  port: number
  security: SmtpSecurity
  user: string
  password: string
  /** `address` or `Name <address>`. */
  from: string
  /** Opens the connection: a customer's server is reached through the guard of `libs/outbound`. */
  connect: (host: string, port: number) => Promise<Socket>
  /** Mails at once. Default 8. */
  maxConnections?: number
  /** A certificate authority besides the known ones, in PEM. */
  ca?: string
  timeLimits?: Partial<SmtpTimeLimits>
}

export interface SmtpTimeLimits {
  /** To be connected and greeted. */
  greetingMs: number
  /** Without a byte. */
  silenceMs: number
  /** One mail, all in all: a server that drips must not hold its place. */
  mailMs: number
}

const TIME_LIMITS: SmtpTimeLimits = { greetingMs: 5_000, silenceMs: 8_000, mailMs: 10_000 }
const IDLE_MS = 15_000
const MAX_MAILS_PER_CONNECTION = 500

/**
 * Sends through a mail server, over connections that stay open. Everything that varies between two tries of a mail (its id, its date, the
 * boundary between its parts) comes from its row, so that each try is the same bytes and a mailbox can drop a double. SMTP itself cannot:
 * a `250` that gets lost on its way makes us send again (RFC 1047).
 */
export class SmtpSender implements EmailSender {
  readonly #transport: Transporter
  readonly #from: Mailbox
  readonly #mailMs: number

  constructor(options: SmtpSenderOptions) {
    const { host, port, security, user, password, connect, ca } = options
    const from = readMailbox(options.from)
    if (!from) throw new TypeError('the sender address is not one')
    const { greetingMs, silenceMs, mailMs } = { ...TIME_LIMITS, ...options.timeLimits }
    this.#from = from
    this.#mailMs = mailMs
    const open = callbackify(() =>
      connect(host, port).catch((cause: unknown) => {
        throw new SmtpConnectError('no connection', { cause })
      }),
    )
    const pool: SMTPPoolOptions & { pool: true } = {
      pool: true,
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      // What we say of ourselves, not what the machine is called.
      name: from.address.split('@')[1] ?? 'localhost',
      auth: { user, pass: password },
      // A server that does not ask for the login must not get the mail without it.
      forceAuth: true,
      tls: { servername: host, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
      connectionTimeout: greetingMs,
      greetingTimeout: greetingMs,
      socketTimeout: silenceMs,
      maxConnections: options.maxConnections ?? 8,
      maxMessages: MAX_MAILS_PER_CONNECTION,
      idleTimeout: IDLE_MS,
      // A connection that the server closed while it was idle is replaced once.
      maxRequeues: 1,
      maxResponseSize: 64 * 1024,
      disableFileAccess: true,
      disableUrlAccess: true,
      getSocket: (_options, callback) => open((error, connection) => callback(error, connection ? { connection } : false)),
    }
    this.#transport = createTransport(pool)
    // Errors reach the mail that they belong to; without a listener one of an idle connection would end the process.
    this.#transport.on('error', () => undefined)
  }

  async send(message: EmailMessage, { idempotencyKey, date }: SendOptions): Promise<SendResult> {
    // What ends one address and begins another; our own check of addresses knows none of them.
    if (/[\s,;<>()[\]\\"]/.test(message.to)) return { kind: 'rejected', code: 'address_not_supported' }
    const { address, name } = this.#from
    const domain = address.split('@')[1] ?? 'localhost'
    const messageId = `<${idempotencyKey}@${domain}>`
    try {
      await this.#transport.sendMail({
        envelope: { from: address, to: [message.to] },
        from: { address, name: message.fromName ?? name ?? '' },
        // As an object: a list cannot be made of what somebody typed.
        to: { address: message.to, name: '' },
        ...(message.replyTo ? { replyTo: { address: message.replyTo, name: '' } } : {}),
        subject: message.subject,
        text: message.text,
        html: message.html,
        headers: { ...AUTOMATIC_MAIL_HEADERS, ...message.headers },
        messageId,
        date,
        baseBoundary: idempotencyKey.replaceAll('-', ''),
        signal: AbortSignal.timeout(this.#mailMs),
      })
      return { kind: 'sent', providerId: messageId }
    } catch (error) {
      return smtpAnswer(error)
    }
  }

  /** Connects and logs in. */
  async check(): Promise<SenderCheck> {
    try {
      await this.#transport.verify()
      return { ok: true }
    } catch (error) {
      const { kind: _, ...answer } = smtpAnswer(error)
      return { ok: false, ...answer }
    }
  }

  close(): void {
    this.#transport.close()
  }
}
