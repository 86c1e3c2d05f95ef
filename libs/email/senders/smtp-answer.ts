import { OutboundError } from '@portico/outbound/outbound-error'
import { answerDetail } from './answer-detail.js'

/** What nodemailer says of a mail that did not go out. `code` is its own, `responseCode` the server's. */
interface SmtpError {
  code?: unknown
  command?: unknown
  response?: unknown
  responseCode?: unknown
  message?: unknown
}

/** No connection came about, so nobody has taken the mail. */
export class SmtpConnectError extends Error {}

export type SmtpRefusal =
  | { kind: 'retry'; code: string; detail?: string; untouched?: true }
  | { kind: 'sender_refused'; code: string; detail?: string }
  | { kind: 'rejected'; code: string; detail?: string; noMailbox?: true }

// RFC 4954, 6: authentication required, mechanism too weak, credentials refused, encryption required.
const LOGIN_REPLIES = new Set([530, 534, 535, 538])
/** RFC 3463, 3.2 and 3.3: no such mailbox or domain, or one that is given up. A refusal for policy (5.7) says nothing of the address. */
const NO_MAILBOX = /^smtp_55[0-4]_5\.(1\.(1|2|3|6|10)|2\.1)$/
/** Node's words for a certificate that it does not accept; nodemailer puts its own code in place of Node's. */
const TLS_PROBLEM = /certificate|altnames|SSL routines/i
/** The mail is too large for this server: no fault of the sender address, though it is said at MAIL FROM. */
const TOO_LARGE = 552

/**
 * What a failed try means. The server's number decides, since nodemailer's own code is the same for «later» and «never» (RFC 5321, 4.2.1:
 * 4xx
 * again, 5xx final).
 */
export function smtpAnswer(error: unknown): SmtpRefusal {
  if (error instanceof SmtpConnectError) {
    const problem = error.cause instanceof OutboundError ? error.cause.problem : 'unreachable'
    if (problem === 'not_allowed') return { kind: 'sender_refused', code: 'address_not_allowed' }
    return { kind: 'retry', code: problem, untouched: true }
  }
  const { code, command, response, responseCode, message } = (error ?? {}) as SmtpError
  const reply = typeof responseCode === 'number' ? responseCode : null
  const answer = { code: reply === null ? '' : replyCode(reply, response), ...answerDetail(response) }
  if (code === 'EAUTH' || code === 'ENOAUTH' || (reply !== null && LOGIN_REPLIES.has(reply))) {
    if (reply !== null && reply < 500) return { kind: 'retry', ...answer, untouched: true }
    return { kind: 'sender_refused', ...answer, code: reply === null ? 'login_not_offered' : answer.code }
  }
  if (code === 'ETLS' || code === 'EREQUIRETLS' || (typeof message === 'string' && TLS_PROBLEM.test(message)))
    return { kind: 'sender_refused', code: 'tls_failed', ...answerDetail(message) }
  if (reply !== null) {
    if (reply < 500) return { kind: 'retry', ...answer }
    const ofSender = command === 'MAIL FROM' && reply !== TOO_LARGE
    if (ofSender || command === 'EHLO') return { kind: 'sender_refused', ...answer }
    return { kind: 'rejected', ...answer, ...(command === 'RCPT TO' && NO_MAILBOX.test(answer.code) ? { noMailbox: true as const } : {}) }
  }
  // An address that this server cannot write to, such as one beyond ASCII without SMTPUTF8.
  if (code === 'EENVELOPE') return { kind: 'rejected', code: 'address_not_supported' }
  return { kind: 'retry', code: 'no_answer' }
}

/** `smtp_550_5.1.1`: the reply and, where the server gives one, its enhanced status code (RFC 3463). */
function replyCode(reply: number, response: unknown): string {
  const enhanced = typeof response === 'string' ? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] : undefined
  return `smtp_${reply}${enhanced === undefined ? '' : `_${enhanced}`}`
}
