import type { ProjectRecord } from '@portico/database/project-directory'
import type { RenderedMail } from '@portico/email/message'
import type { SendResult } from '@portico/email/senders/sender'
import type { MailProject } from '@portico/end-user/steps/mail/freeze-mail'
import { MAX_TRYING_SECONDS, type IssuedMail } from '@portico/end-user/steps/mail/issue-mail'
import { findOwnTemplate, noteFailedTemplate } from '@portico/end-user/records/own-template.store'
import { addToDevInbox, finishRows, type MailEnd } from '@portico/end-user/records/outbox-row.store'
import { mailbox } from '@portico/end-user/steps/mail/mail-budget'
import { authUrl } from '@portico/kernel/auth-url'
import { addSeconds } from '@portico/kernel/duration'
import { tracing } from '@portico/kernel/tracing'
import type { MailJob } from '@portico/queue/mail-job'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EmailProcessorParts } from './email-processor-parts.js'
import { isAway } from './is-away.js'
import { MailEnds } from './mail-ends.js'
import { renderMail } from './render-mail.js'
import { retryDelaySeconds } from './retry-delay.js'
import { sendByFirstReady, type Delivery } from './send-by-first-ready.js'
import { Slots } from './slots.js'

// Short, so that a stop is not held up and a lease outlives it.
const LONGEST_PAUSE_MS = 3_000
/** What a send may take (10 s) and its recording. A lease with less left is not begun on: somebody else could send the row beside us. */
const SEND_SECONDS = 11

type Sendable = Extract<IssuedMail, { outcome: 'send' }>

/**
 * Mails: decide and store the tokens (a transaction for those of one project), send (outside of any), record the outcome (a statement).
 * Killed anywhere in between, a row comes up again and the same bytes go out under the same key, which the provider counts once.
 * Throws only when our own database is away.
 */
export class EmailProcessor {
  readonly #sending: Slots
  readonly #ends: MailEnds
  /** The provider told this process to slow down until then; milliseconds of `performance.now()`. */
  #pausedUntil = 0
  #stopping = false

  constructor(private readonly parts: EmailProcessorParts) {
    this.#sending = new Slots(parts.concurrency)
    this.#ends = new MailEnds(
      (scope, ends) => finishRows(parts.db, scope, ends, parts.clock.now()),
      (end, error) => parts.logger.error({ outbox_id: end.id, err: error }, 'the end of a mail cannot be recorded'),
    )
  }

  process(jobs: readonly MailJob[]): Promise<void> {
    const traces = tracing()
    if (traces === null) return this.#process(jobs)
    return traces.root('job email', 'consumer', { 'portico.mails': jobs.length }, null, () => this.#process(jobs))
  }

  async #process(jobs: readonly MailJob[]): Promise<void> {
    const byProject = new Map<string, string[]>()
    for (const { projectId, outboxId } of jobs) byProject.set(projectId, [...(byProject.get(projectId) ?? []), outboxId])
    const deliveries: Promise<void>[] = []
    const problems: unknown[] = []
    for (const [projectId, outboxIds] of byProject) {
      try {
        await this.#pause()
        const record = await this.parts.directory.resolve(projectId)
        // Purged: its rows went with it.
        if (!record) continue
        const issued = await this.#issue(record, outboxIds, problems)
        deliveries.push(...issued.map((mail) => this.#deliver(record, mail).catch((error: unknown) => void problems.push(error))))
      } catch (error) {
        problems.push(error)
      }
    }
    await Promise.all(deliveries)
    if (problems.length > 0) throw problems[0]
  }

  /** From now on what has not begun to be sent is put back. */
  stop(): void {
    this.#stopping = true
  }

  /** One answer «too many» holds back the mails that are next, instead of each of them fetching one of its own. */
  async #pause(): Promise<void> {
    const ms = this.#pausedUntil - performance.now()
    if (ms > 0) await sleep(ms)
  }

  /** Together, or one by one if that fails for a reason of its own: a row that cannot be worked on must not hold up its neighbours. */
  async #issue(record: ProjectRecord, outboxIds: string[], problems: unknown[]): Promise<Sendable[]> {
    const project = this.#project(record)
    let issued: IssuedMail[] = []
    try {
      issued = await this.parts.issueMail.execute(project, outboxIds)
    } catch (error) {
      if (outboxIds.length === 1 || isAway(error)) throw error
      for (const outboxId of outboxIds) {
        await this.parts.issueMail.execute(project, [outboxId]).then(
          (one) => issued.push(...one),
          (problem: unknown) => problems.push(problem),
        )
      }
    }
    for (const mail of issued) {
      if (mail.outcome !== 'ended') continue
      this.parts.count(mail.status, mail.reason)
      this.parts.logger.info(
        { project_id: record.scope.projectId, outbox_id: mail.outboxId, status: mail.status, code: mail.reason },
        'mail not sent',
      )
    }
    return issued.filter((mail) => mail.outcome === 'send')
  }

  /** In the trace of the request that caused the mail. */
  #deliver(record: ProjectRecord, mail: Sendable): Promise<void> {
    const traces = tracing()
    if (traces === null) return this.#tryDelivery(record, mail)
    const facts = { 'portico.project_id': record.scope.projectId, 'portico.mail': mail.outboxId, 'portico.attempt': mail.attempt }
    return traces.root(`mail ${mail.contents.template}`, 'consumer', facts, mail.traceparent, () => this.#tryDelivery(record, mail))
  }

  async #tryDelivery(record: ProjectRecord, mail: Sendable): Promise<void> {
    const delivery = await this.#sending.run(async () => {
      if (!this.#stopping) await this.#pause()
      if (this.#stopping || this.parts.clock.now() > addSeconds(mail.leasedUntil, -SEND_SECONDS))
        return { kind: 'postponed' as const, waitMs: 0 }
      const sent = await this.#send(record, mail)
      if (sent.kind === 'tried' && sent.result.kind === 'retry' && sent.result.retryAfterSeconds !== undefined) {
        this.#pausedUntil = performance.now() + Math.min(sent.result.retryAfterSeconds * 1000, LONGEST_PAUSE_MS)
      }
      return sent
    })
    if (delivery.kind === 'tried') return this.#record(record, mail, delivery.result, delivery.by?.retries ?? null)
    const nextAttemptAt = addSeconds(this.parts.clock.now(), delivery.waitMs / 1000)
    await this.#ends.record(record.scope, { id: mail.outboxId, status: 'pending', nextAttemptAt, untried: true })
  }

  #project(record: ProjectRecord): MailProject {
    return {
      scope: record.scope,
      name: record.name,
      serving: record.enabled && !record.archived,
      ownSender: record.ownMailSender,
      settings: record.settings,
      authUrl: record.mainDomain?.serves
        ? `https://${record.mainDomain.hostname}`
        : authUrl(this.parts.dataPlanePublicUrl, record.scope.projectId),
    }
  }

  async #send(record: ProjectRecord, issued: Sendable): Promise<Delivery | { kind: 'tried'; result: SendResult; by?: undefined }> {
    const { db, clock, devInbox, printLine } = this.parts
    const { outboxId, to, fromName, replyTo } = issued
    const rendered = await this.#render(record, issued)
    if ('kind' in rendered) return { kind: 'tried', result: rendered }
    const link = 'link' in issued.contents ? issued.contents.link : null
    const code = 'code' in issued.contents ? issued.contents.code : null
    if (devInbox) {
      const now = clock.now()
      await db.transaction(record.scope, (tx) => addToDevInbox(tx, { outboxId, to, ...rendered, link, code, now }))
    }
    const senders = await this.parts.sendersOf(record)
    const delivery = await sendByFirstReady(
      senders,
      { to, ...rendered, fromName, replyTo, tags: { portico_project: record.scope.projectId, portico_mail: outboxId } },
      { idempotencyKey: outboxId, date: issued.firstAttemptAt },
    )
    if (delivery.kind === 'tried' && delivery.result.kind === 'not_configured' && devInbox)
      printLine(`mail to ${to}: ${rendered.subject}${link === null ? '' : `\n  ${link}`}${code === null ? '' : `\n  code ${code}`}`)
    return delivery
  }

  async #render(record: ProjectRecord, issued: Sendable): Promise<RenderedMail | (SendResult & { kind: 'rejected' })> {
    const line = { project_id: record.scope.projectId, outbox_id: issued.outboxId, template: issued.contents.template }
    const own = record.ownMailTemplates ? await this.#own(record, issued, line) : null
    try {
      return own ?? renderMail(issued.brand, issued.locale, issued.contents) ?? { kind: 'rejected', code: 'unknown_event' }
    } catch (error) {
      this.parts.logger.error({ ...line, err: error }, 'mail cannot be rendered')
      return { kind: 'rejected', code: 'render_failed' }
    }
  }

  /** In the project's own words; `null` when it has none, or they cannot be rendered: then ours go out, and it is told once. */
  async #own(
    { scope }: ProjectRecord,
    { contents, locale, brand, firstAttemptAt }: Sendable,
    line: object,
  ): Promise<RenderedMail | null> {
    const template = contents.template === 'sample' ? contents.of : contents.template
    const own = await findOwnTemplate(this.parts.db, scope, { template, locale, at: firstAttemptAt })
    if (!own) return null
    try {
      return renderMail(brand, locale, contents, { template: own, at: firstAttemptAt })
    } catch (error) {
      this.parts.logger.warn({ ...line, version: own.version, err: error }, 'a template cannot be rendered: our words go out')
      await noteFailedTemplate(this.parts.db, scope, { template, locale, version: own.version }, this.parts.clock.now())
      return null
    }
  }

  async #record(record: ProjectRecord, issued: Sendable, result: SendResult, retries: number | null): Promise<void> {
    const { clock, entropy, logger, count } = this.parts
    const { outboxId } = issued
    const now = clock.now()
    const line = { project_id: record.scope.projectId, outbox_id: outboxId, template: issued.contents.template, attempt: issued.attempt }
    const finish = (end: Omit<MailEnd, 'id'>) => this.#ends.record(record.scope, { id: outboxId, ...end })
    switch (result.kind) {
      case 'sent':
        await finish({ status: 'sent', providerId: result.providerId })
        count('sent', 'sent')
        logger.info(line, 'mail sent')
        return
      case 'not_configured':
        await finish({ status: 'not_sent', reason: 'email_not_configured' })
        count('not_sent', 'email_not_configured')
        logger.warn({ ...line, code: 'email_not_configured' }, 'mail not sent: no sender is configured')
        return
      case 'rejected':
        await finish({
          status: 'dead',
          reason: result.code,
          detail: result.detail,
          ...(result.noMailbox ? { suppress: mailbox(issued.to) } : {}),
        })
        count('dead', result.code)
        logger.error({ ...line, code: result.code }, 'mail refused for good')
        return
      case 'sender_refused':
      case 'retry': {
        const wish = result.kind === 'retry' ? result.retryAfterSeconds : undefined
        const nextAttemptAt = addSeconds(now, retryDelaySeconds(issued.attempt, wish, entropy))
        const out = retries !== null && issued.attempt > retries
        if (out || nextAttemptAt >= addSeconds(issued.firstAttemptAt, MAX_TRYING_SECONDS)) {
          await finish({ status: 'dead', reason: result.code, detail: result.detail })
          count('dead', result.code)
          logger.error({ ...line, code: result.code }, 'mail given up')
          return
        }
        await finish({ status: 'pending', reason: result.code, detail: result.detail, nextAttemptAt })
        count('retry', result.code)
        logger.warn({ ...line, code: result.code, next_attempt_at: nextAttemptAt.toISOString() }, 'mail will be tried again')
      }
    }
  }
}
