import { KeptAliveResend } from './kept-alive-resend.js'
import { AUTOMATIC_MAIL_HEADERS, type EmailMessage } from './message.js'
import type { EmailSender, SendResult } from './sender.js'

export interface ResendSenderOptions {
  apiKey: string
  /** Sender of a mail that names none. */
  from: string
  /** Default Resend itself. Always passed on: left out, the SDK would read RESEND_BASE_URL by itself. */
  baseUrl?: string
  /** Per request. Default 10,000. */
  timeoutMs?: number
}

const RESEND_BASE_URL = 'https://api.resend.com'
const MAX_RETRY_AFTER_SECONDS = 3_600

// What an operator can mend while the mail waits: key, permission, sender domain, base URL. Such mails must not die at once.
const OPERATOR_STATUSES = new Set([401, 403, 404, 405])
const OPERATOR_CODES = new Set(['invalid_from_address', 'missing_api_key', 'invalid_api_key', 'restricted_api_key'])
const TRANSIENT_STATUSES = new Set([408, 425, 429])
const TRANSIENT_CODES = new Set(['concurrent_idempotent_requests', 'rate_limit_exceeded', 'daily_quota_exceeded', 'monthly_quota_exceeded'])

/** Sends through Resend. The SDK does not throw: its answer is read here. */
export class ResendSender implements EmailSender {
  readonly #client: KeptAliveResend
  readonly #from: string

  constructor({ apiKey, from, baseUrl = RESEND_BASE_URL, timeoutMs = 10_000 }: ResendSenderOptions) {
    this.#client = new KeptAliveResend(apiKey, { baseUrl: baseUrl.replace(/\/+$/, ''), timeoutMs })
    this.#from = from
  }

  async send(message: Omit<EmailMessage, 'from'> & { from?: string }, { idempotencyKey }: { idempotencyKey: string }): Promise<SendResult> {
    const { data, error, headers } = await this.#client.emails.send(
      {
        from: message.from ?? this.#from,
        to: message.to,
        subject: message.subject,
        text: message.text,
        html: message.html,
        headers: { ...AUTOMATIC_MAIL_HEADERS, ...message.headers },
      },
      { idempotencyKey },
    )
    if (typeof data?.id === 'string' && data.id !== '') return { kind: 'sent', providerId: data.id }
    // An error answer that is literally `null`, or a success without an id: the mail may or may not be there; the key makes asking again
    // safe.
    if (!error) return { kind: 'retry', code: 'malformed_answer' }
    return classify(error, headers)
  }
}

function classify(error: { statusCode?: number | null; name?: string }, headers: Record<string, string> | null): SendResult {
  const status = typeof error.statusCode === 'number' ? error.statusCode : null
  if (status === null) return { kind: 'retry', code: headers === null ? 'no_answer' : 'malformed_answer' }
  const code = stableCode(error.name, status)
  const retry =
    TRANSIENT_STATUSES.has(status) ||
    OPERATOR_STATUSES.has(status) ||
    status < 400 ||
    status >= 500 ||
    TRANSIENT_CODES.has(code) ||
    OPERATOR_CODES.has(code)
  if (!retry) return { kind: 'rejected', code }
  const retryAfterSeconds = parseRetryAfter(headers?.['retry-after'])
  return { kind: 'retry', code, ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }) }
}

/** The provider's error name if it looks like one; it ends up in a column and in the log, so nothing else may come through. */
function stableCode(name: unknown, status: number): string {
  return typeof name === 'string' && /^[a-z][a-z_]{0,63}$/.test(name) ? name : `http_${status}`
}

function parseRetryAfter(header: string | undefined): number | null {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return null
  return Math.min(Number(header), MAX_RETRY_AFTER_SECONDS)
}
