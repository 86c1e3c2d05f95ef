import type { ProjectRecord } from '@portico/database/project-directory'
import type { EmailMessage } from '@portico/email/message'
import type { EmailSender, SenderCheck, SendOptions, SendResult } from '@portico/email/senders/sender'
import type { CallHook } from '@portico/end-user/steps/hooks/call-hook'
import { mailQuestion } from '@portico/end-user/steps/hooks/hook-question'
import { sendByFirstReady, type MailSender } from './send-by-first-ready.js'
import { SenderHealth } from './sender-health.js'

/** Within this time another sender may still take the mail in the same round; later its lease could run out. */
const SAME_ROUND_MS = 1_000

/** Hook `send_mail`: the rendered mail goes to the app's own mailer, which acknowledges it as a provider would. */
export class MailHook {
  constructor(
    private readonly call: CallHook,
    private readonly sendersOf: (project: ProjectRecord) => Promise<readonly MailSender[]>,
  ) {}

  /** Who may send for this project: the app alone, where it wants to. */
  async of(project: ProjectRecord): Promise<readonly MailSender[]> {
    if (!project.hooks?.send_mail) return this.sendersOf(project)
    const health = new SenderHealth({ onBroken: () => undefined, onWell: () => undefined })
    return [{ owner: 'project', sender: new HookSender(this.call, project, () => this.sendersOf(project)), health, retries: null }]
  }
}

class HookSender implements EmailSender {
  constructor(
    private readonly call: CallHook,
    private readonly project: ProjectRecord,
    private readonly others: () => Promise<readonly MailSender[]>,
  ) {}

  async send(message: EmailMessage, options: SendOptions): Promise<SendResult> {
    const hook = this.project.hooks?.send_mail
    if (!hook) return { kind: 'retry', code: 'hook_removed' }
    const since = performance.now()
    const { to, subject, text, html, fromName, replyTo, headers } = message
    const more = { fromName: fromName ?? null, replyTo: replyTo ?? null, headers: headers ?? {} }
    const question = mailQuestion({ id: options.idempotencyKey, to, subject, text, html, ...more })
    // The same id at every try: an app that has taken a mail need not take it again.
    const id = `msg_${options.idempotencyKey.replaceAll('-', '')}`
    const outcome = await this.call.execute(this.project.scope, 'send_mail', hook, question, id)
    if (outcome.kind === 'answered')
      return outcome.decision.allow ? { kind: 'sent', providerId: id } : { kind: 'rejected', code: 'refused_by_app' }
    const late = performance.now() - since > SAME_ROUND_MS
    if (hook.onFailure === 'deny' || late) return { kind: 'retry', code: `hook_${outcome.reason}` }
    const delivery = await sendByFirstReady(await this.others(), message, options)
    return delivery.kind === 'tried' ? delivery.result : { kind: 'retry', code: 'postponed' }
  }

  async check(): Promise<SenderCheck> {
    return { ok: true }
  }

  close(): void {}
}
