import { readMailbox, writeMailbox } from '../mailbox.js'
import { AUTOMATIC_MAIL_HEADERS, type EmailMessage } from '../message.js'
import { KeptAliveResend } from './kept-alive-resend.js'
import { answerDetail } from './answer-detail.js'
import type { EmailSender, SenderCheck, SendOptions, SendResult } from './sender.js'

export interface ResendSenderOptions {
  apiKey: string
  /** `address` or `Name <address>`. */
  from: string
  /** Default Resend itself. Always passed on: left out, the SDK would read RESEND_BASE_URL by itself. */
  baseUrl?: string
  /** Per request. Default 10,000. */
  timeoutMs?: number
}

export const RESEND_BASE_URL = 'https://api.resend.com'
const MAX_RETRY_AFTER_SECONDS = 3_600

// What an operator can mend while the mail waits: key, permission, sender domain, base URL. No mail gets through before.
const OPERATOR_STATUSES = new Set([401, 403, 404, 405])
const OPERATOR_CODES = new Set(['invalid_from_address', 'missing_api_key', 'invalid_api_key', 'restricted_api_key'])
const TRANSIENT_STATUSES = new Set([408, 425, 429])
const TRANSIENT_CODES = new Set([
  'concurrent_idempotent_requests',
  'rate_limit_exceeded',
  'daily_quota_exceeded',
  'monthly_quota_exceeded',
])
/** A key that may only send is refused by every other call, which shows that it is known. */
const SENDING_KEY_ONLY = 'restricted_api_key'

/** Sends through Resend. The SDK does not throw: its answer is read here. */
export class ResendSender implements EmailSender {
  readonly #client: KeptAliveResend
  readonly #from: string

  constructor({ apiKey, from, baseUrl = RESEND_BASE_URL, timeoutMs = 10_000 }: ResendSenderOptions) {
    this.#client = new KeptAliveResend(apiKey, { baseUrl: baseUrl.replace(/\/+$/, ''), timeoutMs })
    this.#from = from
  }

  async send(message: EmailMessage, { idempotencyKey }: Pick<SendOptions, 'idempotencyKey'>): Promise<SendResult> {
    const { data, error, headers } = await this.#client.emails.send(
      {
        from: this.#fromLine(message.fromName ?? null),
        to: message.to,
        subject: message.subject,
        text: message.text,
        html: message.html,
        ...(message.replyTo ? { replyTo: message.replyTo } : {}),
        ...(message.tags ? { tags: Object.entries(message.tags).map(([name, value]) => ({ name, value })) } : {}),
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

  async check(): Promise<SenderCheck> {
    const { error, headers } = await this.#client.domains.list()
    if (!error) return { ok: true }
    const result = classify(error, headers)
    if (result.code === SENDING_KEY_ONLY) return { ok: true }
    return { ok: false, code: result.code, ...(result.detail === undefined ? {} : { detail: result.detail }) }
  }

  close(): void {
    this.#client.close()
  }

  #fromLine(name: string | null): string {
    const mailbox = name === null ? null : readMailbox(this.#from)
    return mailbox ? writeMailbox({ ...mailbox, name }) : this.#from
  }
}

type Refusal = Exclude<SendResult, { kind: 'sent' | 'not_configured' }>
type Failure = { statusCode?: number | null; name?: string; message?: string }

function classify(error: Failure, headers: Record<string, string> | null): Refusal {
  const status = typeof error.statusCode === 'number' ? error.statusCode : null
  if (status === null) return { kind: 'retry', code: headers === null ? 'no_answer' : 'malformed_answer' }
  const code = stableCode(error.name, status)
  const answer = { code, ...answerDetail(error.message) }
  if (OPERATOR_STATUSES.has(status) || OPERATOR_CODES.has(code)) return { kind: 'sender_refused', ...answer }
  if (!(TRANSIENT_STATUSES.has(status) || status < 400 || status >= 500 || TRANSIENT_CODES.has(code)))
    return { kind: 'rejected', ...answer }
  const retryAfterSeconds = parseRetryAfter(headers?.['retry-after'])
  return { kind: 'retry', ...answer, ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }) }
}

/** The provider's error name if it looks like one; it ends up in a column and in the log, so nothing else may come through. */
function stableCode(name: unknown, status: number): string {
  return typeof name === 'string' && /^[a-z][a-z_]{0,63}$/.test(name) ? name : `http_${status}`
}

function parseRetryAfter(header: string | undefined): number | null {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return null
  return Math.min(Number(header), MAX_RETRY_AFTER_SECONDS)
}
