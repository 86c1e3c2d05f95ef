import { AuthError, invalidField, type FieldProblem } from '@portico/kernel/auth-error'
import type { SenderConfig, SenderKind } from '../records/mail-sender.store.js'

export interface SenderInput {
  kind: SenderKind
  /** `address` or `Name <address>`. */
  from: string
  host?: string | undefined
  port?: number | undefined
  security?: 'tls' | 'starttls' | 'none' | undefined
  user?: string | undefined
  /** Password or API key. Left out: the stored one is kept. */
  password?: string | undefined
  apiKey?: string | undefined
  retries?: number | null | undefined
  /** Of the webhook at Resend that reports on these mails. Left out: the stored one is kept; `null`: none. */
  webhookSecret?: string | null | undefined
}

const isWebhookSecret = (text: string): boolean => /^whsec_[A-Za-z0-9+/]{22,170}={0,2}$/.test(text)

const SMTP_FIELDS = ['host', 'port', 'user'] as const
const TLS_PORT = 465
// A host name or an address, without port or scheme.
const HOST = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?$/
const ADDRESS = /[^\s<>@,;:"()[\]\\]{1,64}@[^\s<>@,;:"()[\]\\]{1,190}\.[^\s<>@,;:"()[\]\\.]{2,63}/.source
// One address, alone or, with a name before it, in angle brackets; nothing that ends it or begins another.
const FROM = new RegExp(`^(?:(?:[^<>"@,;:\\p{Cc}]{1,100} )?<(${ADDRESS})>|(${ADDRESS}))$`, 'u')

/** What is stored of a sender besides its secret. Throws `validation_error` for what its kind lacks or does not take. */
export function readSenderInput(input: SenderInput, allowLoopback: boolean): { address: string; config: SenderConfig } {
  const problems: FieldProblem[] = []
  const [, bracketed, bare] = FROM.exec(input.from) ?? []
  const address = bracketed ?? bare
  if (!address) throw invalidField('from', 'invalid_format', 'This must be an address, or a name and the address in angle brackets.')
  const refuse = (field: string) => problems.push({ field, code: 'not_allowed', message: `A sender of this kind has no ${field}.` })
  if (input.kind !== 'smtp') {
    for (const field of [...SMTP_FIELDS, 'security', 'password', 'retries'] as const) if (input[field] !== undefined) refuse(field)
    // Mails of such a domain go through the installation's account, whose own webhook reports on them.
    if (input.kind === 'resend_domain') {
      if (input.apiKey !== undefined) refuse('api_key')
      if (input.webhookSecret !== undefined) refuse('webhook_secret')
    }
    if (typeof input.webhookSecret === 'string' && !isWebhookSecret(input.webhookSecret))
      problems.push({ field: 'webhook_secret', code: 'invalid_format', message: 'This must be `whsec_` and the base64 that Resend shows.' })
    fail(problems)
    return { address, config: input.kind === 'resend_domain' ? { domain: address.slice(address.indexOf('@') + 1).toLowerCase() } : {} }
  }
  if (input.apiKey !== undefined) refuse('api_key')
  if (input.webhookSecret !== undefined) refuse('webhook_secret')
  for (const field of SMTP_FIELDS)
    if (input[field] === undefined) problems.push({ field, code: 'required', message: 'This field is required.' })
  if (input.host !== undefined && !HOST.test(input.host))
    problems.push({ field: 'host', code: 'invalid_format', message: 'This must be a host name.' })
  const security = input.security ?? (input.port === TLS_PORT ? 'tls' : 'starttls')
  // The password would cross the Internet in the clear.
  if (security === 'none' && !allowLoopback)
    problems.push({ field: 'security', code: 'not_allowed', message: 'The connection must be encrypted: tls or starttls.' })
  fail(problems)
  const { host, port, user } = input as Required<Pick<SenderInput, (typeof SMTP_FIELDS)[number]>>
  return {
    address,
    config: { host: String(host).toLowerCase(), port: Number(port), security, user: String(user), retries: input.retries ?? null },
  }
}

function fail(problems: FieldProblem[]): void {
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
}
