import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { EmailSender, SendResult } from '@portico/email/sender'
import { MAX_TRYING_SECONDS, type IssueMail, type IssuedMail, type MailProject } from '@portico/end-user/mail/issue-mail'
import { addToDevInbox, finishRow, postponeRow } from '@portico/end-user/mail/outbox-row.store'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import type { MailJob } from '@portico/queue/mail-queue'
import { setTimeout as sleep } from 'node:timers/promises'
import { renderMail } from './render-mail.js'
import { retryDelaySeconds } from './retry-delay.js'

export interface EmailProcessorParts {
  directory: ProjectDirectory
  db: ProjectDb
  issueMail: IssueMail
  sender: EmailSender
  /** Sender line of every mail. */
  from: string
  clock: Clock
  entropy: Entropy
  logger: Logger
  dataPlanePublicUrl: string
  /** Development: mails also go to the dev inbox, and unsent links to `printLine`. */
  devInbox: boolean
  printLine: (line: string) => void
  /** For the metrics: how a row ended or that it waits again. */
  count: (result: 'sent' | 'skipped' | 'not_sent' | 'dead' | 'retry', reason: string) => void
}

// Short, so that a stop is not held up and the job's lock outlives it.
const LONGEST_PAUSE_MS = 3_000

type Sendable = Extract<IssuedMail, { outcome: 'send' }>

/**
 * One mail: decide and store the token (a transaction), send (outside of any), record the outcome (a transaction).
 * Killed anywhere in between, the row comes up again and the same bytes go out under the same key, which the provider counts once.
 * Throws only when our own database is away.
 */
export class EmailProcessor {
  /** The provider told this process to slow down until then; milliseconds of `performance.now()`. */
  #pausedUntil = 0

  constructor(private readonly parts: EmailProcessorParts) {}

  async process({ projectId, outboxId }: MailJob): Promise<void> {
    const { directory, issueMail, logger } = this.parts
    await this.#pause()
    const record = await directory.resolve(projectId)
    // Purged: its rows went with it.
    if (!record) return
    const issued = await issueMail.execute(this.#project(record), outboxId)
    if (issued.outcome === 'taken') return
    if (issued.outcome === 'ended') {
      this.parts.count(issued.status, issued.reason)
      logger.info({ project_id: projectId, outbox_id: outboxId, status: issued.status, code: issued.reason }, 'mail not sent')
      return
    }
    const result = await this.#send(record, outboxId, issued)
    if (result.kind === 'retry' && result.retryAfterSeconds !== undefined) {
      this.#pausedUntil = performance.now() + Math.min(result.retryAfterSeconds * 1000, LONGEST_PAUSE_MS)
    }
    await this.#record(record, outboxId, issued, result)
  }

  /** One answer «too many» holds back the mails that are next, instead of each of them fetching one of its own. */
  async #pause(): Promise<void> {
    const ms = this.#pausedUntil - performance.now()
    if (ms > 0) await sleep(ms)
  }

  #project(record: ProjectRecord): MailProject {
    return {
      scope: record.scope,
      name: record.name,
      serving: record.enabled && !record.archived,
      settings: record.settings,
      authUrl: `${this.parts.dataPlanePublicUrl}/${formatId('proj', record.scope.projectId)}`,
    }
  }

  async #send(record: ProjectRecord, outboxId: string, issued: Sendable): Promise<SendResult> {
    const { db, sender, from, clock, devInbox, printLine } = this.parts
    let mail: ReturnType<typeof renderMail>
    try {
      mail = renderMail(issued.projectName, issued.contents)
    } catch (error) {
      this.parts.logger.error({ project_id: record.scope.projectId, outbox_id: outboxId, template: issued.contents.template, err: error }, 'mail cannot be rendered')
      return { kind: 'rejected', code: 'render_failed' }
    }
    if (!mail) return { kind: 'rejected', code: 'unknown_event' }
    const rendered = mail
    const link = 'link' in issued.contents ? issued.contents.link : null
    const code = 'code' in issued.contents ? issued.contents.code : null
    if (devInbox) {
      const now = clock.now()
      await db.transaction(record.scope, (tx) => addToDevInbox(tx, { outboxId, to: issued.to, ...rendered, link, code, now }))
    }
    const result = await sender.send({ from, to: issued.to, ...rendered }, { idempotencyKey: outboxId })
    if (result.kind === 'not_configured' && devInbox) printLine(`mail to ${issued.to}: ${rendered.subject}${link === null ? '' : `\n  ${link}`}${code === null ? '' : `\n  code ${code}`}`)
    return result
  }

  async #record(record: ProjectRecord, outboxId: string, issued: Sendable, result: SendResult): Promise<void> {
    const { db, clock, entropy, logger, count } = this.parts
    const now = clock.now()
    const line = { project_id: record.scope.projectId, outbox_id: outboxId, template: issued.contents.template, attempt: issued.attempt }
    const finish = (end: Omit<Parameters<typeof finishRow>[2], 'now'>) =>
      db.transaction(record.scope, (tx) => finishRow(tx, outboxId, { ...end, now }))
    switch (result.kind) {
      case 'sent':
        await finish({ status: 'sent', providerId: result.providerId })
        count('sent', 'sent')
        logger.info(line, 'mail sent')
        return
      case 'not_configured':
        await finish({ status: 'not_sent', reason: 'email_not_configured' })
        count('not_sent', 'email_not_configured')
        logger.warn({ ...line, code: 'email_not_configured' }, 'mail not sent: RESEND_API_KEY is not set')
        return
      case 'rejected':
        await finish({ status: 'dead', reason: result.code })
        count('dead', result.code)
        logger.error({ ...line, code: result.code }, 'mail refused for good')
        return
      case 'retry': {
        const nextAttemptAt = addSeconds(now, retryDelaySeconds(issued.attempt, result.retryAfterSeconds, entropy))
        if (nextAttemptAt >= addSeconds(issued.firstAttemptAt, MAX_TRYING_SECONDS)) {
          await finish({ status: 'dead', reason: result.code })
          count('dead', result.code)
          logger.error({ ...line, code: result.code }, 'mail given up')
          return
        }
        await db.transaction(record.scope, (tx) => postponeRow(tx, outboxId, { reason: result.code, nextAttemptAt }))
        count('retry', result.code)
        logger.warn({ ...line, code: result.code, next_attempt_at: nextAttemptAt.toISOString() }, 'mail will be tried again')
      }
    }
  }
}
