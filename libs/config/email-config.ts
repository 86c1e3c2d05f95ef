import type { EnvReader } from './read-env.js'

/** What the installation sends mail with. */
export type EmailConfig =
  | {
      kind: 'resend'
      apiKey: string
      /** `address` or `Name <address>`. */
      from: string
      /** Null: Resend's own. */
      baseUrl: string | null
    }
  | {
      kind: 'smtp'
      host: string
      port: number
      /** `tls` from the first byte, `starttls` before the login, `none` for a server on this machine or network. */
      security: SmtpSecurity
      user: string
      password: string
      from: string
      /** Further tries of a mail that was put off; null: for 23 hours. */
      retries: number | null
    }

type SmtpSecurity = (typeof SECURITIES)[number]

const SECURITIES = ['tls', 'starttls', 'none'] as const
/** RFC 8314: TLS from the first byte is spoken on this port. */
const TLS_PORT = 465
const SENDER = /^(?:[^<>@]+ )?<?[^\s<>@]+@[^\s<>@]+>?$/
const SENDER_FORM = 'must be an email address, or a name with the address in angle brackets'
const RESEND = ['RESEND_API_KEY', 'RESEND_FROM_APP_AUTH'] as const
const SMTP = ['SMTP_HOST', 'SMTP_PORT', 'SMTP_USER', 'SMTP_PASSWORD', 'SMTP_FROM'] as const
const SMTP_MORE = ['SMTP_SECURE', 'SMTP_RETRIES'] as const

/** One of the two, whole, or none: a part of a group stops the start with what is missing. */
export function readEmail(reader: EnvReader): EmailConfig | null {
  const resend = readResend(reader)
  const smtp = readSmtp(reader)
  if (resend && smtp) reader.problem('SMTP_HOST', 'is set beside RESEND_API_KEY: set the variables of one sender')
  return resend ?? smtp
}

/** The signing secret that Resend shows beside the webhook. */
export function readWebhookSecret(reader: EnvReader): string | null {
  const secret = reader.text('RESEND_WEBHOOK_SECRET')
  if (secret !== null && !/^whsec_[A-Za-z0-9+/]{22,}={0,2}$/.test(secret))
    reader.problem('RESEND_WEBHOOK_SECRET', 'must be `whsec_` and the base64 that Resend shows beside the webhook')
  return secret
}

function readResend(reader: EnvReader): EmailConfig | null {
  const complete = reader.group(RESEND)
  const from = readFrom(reader, 'RESEND_FROM_APP_AUTH')
  const baseUrl = reader.httpUrl('RESEND_BASE_URL', null)
  const apiKey = reader.text('RESEND_API_KEY')
  return complete && apiKey !== null && from !== null ? { kind: 'resend', apiKey, from, baseUrl } : null
}

function readSmtp(reader: EnvReader): EmailConfig | null {
  const complete = reader.group(SMTP)
  const extra = SMTP_MORE.find((variable) => reader.isSet(variable))
  if (extra && !SMTP.some((variable) => reader.isSet(variable))) reader.problem('SMTP_HOST', `is not set, but ${extra} is`)
  const host = reader.host('SMTP_HOST', 'localhost')
  const port = reader.integer('SMTP_PORT', { min: 1, max: 65_535, fallback: 587 })
  const security = reader.oneOf('SMTP_SECURE', SECURITIES, port === TLS_PORT ? 'tls' : 'starttls')
  const user = reader.text('SMTP_USER')
  const password = reader.text('SMTP_PASSWORD')
  const from = readFrom(reader, 'SMTP_FROM')
  const retries = reader.isSet('SMTP_RETRIES') ? reader.integer('SMTP_RETRIES', { min: 0, max: 1_000, fallback: 0 }) : null
  if (!complete || user === null || password === null || from === null) return null
  return { kind: 'smtp', host, port, security, user, password, from, retries }
}

function readFrom(reader: EnvReader, variable: string): string | null {
  const from = reader.text(variable)
  if (from !== null && !SENDER.test(from)) reader.problem(variable, SENDER_FORM)
  return from
}
