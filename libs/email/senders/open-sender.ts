import { connectGuarded } from '@portico/outbound/guarded-socket'
import { ResendSender } from './resend-sender.js'
import type { EmailSender } from './sender.js'
import { SmtpSender, type SmtpSecurity } from './smtp-sender.js'

/** A sender that a customer configured. */
export interface ConfiguredSender {
  kind: 'smtp' | 'resend' | 'resend_domain'
  from: string
  host?: string
  port?: number
  security?: SmtpSecurity
  user?: string
  /** Password or API key; for `resend_domain` the installation's key. */
  secret: string
}

export interface OpenSenderOptions {
  allowLoopback: boolean
  /** Tests and proxies: instead of Resend itself. */
  resendBaseUrl?: string | undefined
  maxConnections?: number
}

const CONNECT_MS = 5_000

/** Its server is reached through the guard of `libs/outbound`: public addresses and mail ports only. */
export function openSender(sender: ConfiguredSender, { allowLoopback, resendBaseUrl, maxConnections }: OpenSenderOptions): EmailSender {
  if (sender.kind !== 'smtp')
    return new ResendSender({
      apiKey: sender.secret,
      from: sender.from,
      ...(resendBaseUrl === undefined ? {} : { baseUrl: resendBaseUrl }),
    })
  return new SmtpSender({
    host: sender.host ?? '',
    port: sender.port ?? 587,
    security: sender.security ?? 'starttls',
    user: sender.user ?? '',
    password: sender.secret,
    from: sender.from,
    connect: (host, port) => connectGuarded(host, port, { allowLoopback, timeLimitMs: CONNECT_MS }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
  })
}
