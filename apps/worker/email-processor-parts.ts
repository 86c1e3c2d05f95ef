import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { IssueMail } from '@portico/end-user/steps/mail/issue-mail'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { MailSender } from './send-by-first-ready.js'

export interface EmailProcessorParts {
  directory: ProjectDirectory
  db: ProjectDb
  issueMail: IssueMail
  /** Who may send for this project, the first choice first; never empty. */
  sendersOf: (project: ProjectRecord) => Promise<readonly MailSender[]>
  clock: Clock
  entropy: Entropy
  logger: Logger
  dataPlanePublicUrl: string
  /** Development: mails also go to the dev inbox, and unsent links to `printLine`. */
  devInbox: boolean
  /** Mails with the provider at once. */
  concurrency: number
  printLine: (line: string) => void
  /** For the metrics: how a row ended or that it waits again. */
  count: (result: 'sent' | 'skipped' | 'not_sent' | 'dead' | 'retry', reason: string) => void
}
