import type { EmailMessage } from '@portico/email/message'
import type { EmailSender, SendOptions, SendResult } from '@portico/email/senders/sender'
import { tracing } from '@portico/kernel/tracing'
import type { SenderHealth } from './sender-health.js'

/** A sender that could take a project's mail, its own first. */
export interface MailSender {
  owner: 'project' | 'tenant' | 'installation'
  sender: EmailSender
  health: SenderHealth
  /** Further tries of a mail that was put off; `null`: for as long as mails are tried. */
  retries: number | null
}

export type Delivery =
  | { kind: 'tried'; result: SendResult; by: MailSender }
  /** No sender is worth a try before. */
  | { kind: 'postponed'; waitMs: number }

/** After so long in vain the next sender gets the mail in a round of its own: this one's lease is not to run out under it. */
const SAME_ROUND_MS = 3_000

/**
 * The first sender that works takes the mail. One that is refused has not taken it, so the next is asked at once; of one that gave no
 * answer
 * nobody knows, so the mail stays with it and is tried again there, unless it had not even been reached.
 */
export async function sendByFirstReady(senders: readonly MailSender[], message: EmailMessage, options: SendOptions): Promise<Delivery> {
  let waitMs = Infinity
  const since = performance.now()
  for (const by of senders) {
    const wait = by.health.waitMs()
    if (wait > 0) {
      waitMs = Math.min(waitMs, wait)
      continue
    }
    const result = await send(by, message, options)
    by.health.report(result)
    const untaken = result.kind === 'sender_refused' || (result.kind === 'retry' && result.untouched === true)
    if (untaken && by.health.broken) {
      waitMs = Math.min(waitMs, by.health.waitMs())
      if (performance.now() - since < SAME_ROUND_MS) continue
      return { kind: 'postponed', waitMs: 0 }
    }
    return { kind: 'tried', result, by }
  }
  return { kind: 'postponed', waitMs }
}

function send(by: MailSender, message: EmailMessage, options: SendOptions): Promise<SendResult> {
  const traces = tracing()
  if (traces === null) return by.sender.send(message, options)
  return traces.child('sender', 'client', { 'portico.sender_of': by.owner }, () => by.sender.send(message, options))
}
