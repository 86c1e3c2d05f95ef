import type { EmailConfig } from '@portico/config/email-config'
import { mailSenderContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectRecord } from '@portico/database/project-directory'
import { NullSender } from '@portico/email/senders/null-sender'
import { openSender } from '@portico/email/senders/open-sender'
import { ResendSender } from '@portico/email/senders/resend-sender'
import type { EmailSender } from '@portico/email/senders/sender'
import { SmtpSender } from '@portico/email/senders/smtp-sender'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { connectPlain } from '@portico/outbound/plain-socket'
import { noteMailSender, ownMailSenders, type OwnSenderRow } from '@portico/end-user/records/own-mail-sender.store'
import { unpackSecret } from '@portico/platform/mail/sender-secret'
import { SenderHealth } from './sender-health.js'
import type { MailSender } from './send-by-first-ready.js'

export interface MailSendersParts {
  config: {
    email: EmailConfig | null
    resendBaseUrl: string | null
    masterKey: Buffer
    previousMasterKey: Buffer | null
    allowLoopbackProviders: boolean
  }
  sql: PlatformSql
  clock: Clock
  logger: Logger
  probeMs?: number | undefined
  /** Whether the installation's sender takes over from a project's own that fails: not mails that come back. */
  mayFallBack: (project: ProjectRecord) => Promise<boolean>
}

const CONNECT_MS = 5_000
/** How long the senders of a project count without being read again. */
const KNOWN_MS = 2_000
/** Open senders, each with connections of its own; the one that was used longest ago is closed first. */
const MOST_OPEN = 200
/** Tries in a row that reached nobody, after which a customer's server counts as broken and the next sender takes over. */
const SILENT_TRIES = 5
/** A customer's server gets this many mails at once; all of them together share the process with the others. */
const CONNECTIONS_EACH = 4

/** Who sends a project's mail. */
export class MailSenders {
  readonly #parts: MailSendersParts
  readonly #box: SealedBox
  readonly #installation: MailSender
  /** By the id of the configuration, least recently used first. */
  readonly #open = new Map<string, MailSender>()
  readonly #known = new Map<string, { at: number; senders: Promise<MailSender[]> }>()

  constructor(parts: MailSendersParts) {
    const { config, logger } = parts
    this.#parts = parts
    this.#box = new SealedBox({ current: config.masterKey, previous: config.previousMasterKey ?? undefined })
    const health = new SenderHealth({
      onBroken: (code) =>
        logger.error({ code }, 'the mail sender of the installation is refused: mails wait, and one is tried every 30 s'),
      onWell: () => logger.info('the mail sender of the installation works again'),
      ...this.#probe(),
    })
    const retries = config.email?.kind === 'smtp' ? config.email.retries : null
    this.#installation = { owner: 'installation', sender: installationSender(config.email), health, retries }
  }

  get failing(): boolean {
    return this.#installation.health.broken
  }

  async of(project: ProjectRecord): Promise<readonly MailSender[]> {
    const { scope } = project
    if (!project.ownMailSender) return [this.#installation]
    const now = performance.now()
    let known = this.#known.get(scope.projectId)
    if (!known || now - known.at > KNOWN_MS) {
      known = { at: now, senders: this.#read(scope.projectId) }
      known.senders.catch(() => this.#known.delete(scope.projectId))
      // In the order of the last reading: those in front are the oldest.
      this.#known.delete(scope.projectId)
      this.#known.set(scope.projectId, known)
      const [oldest] = this.#known.keys()
      if (this.#known.size > MOST_OPEN && oldest !== undefined) this.#known.delete(oldest)
    }
    const own = await known.senders
    return own.length > 0 && !(await this.#parts.mayFallBack(project)) ? own : [...own, this.#installation]
  }

  close(): void {
    for (const { sender } of [...this.#open.values(), this.#installation]) sender.close()
  }

  async #read(projectId: string): Promise<MailSender[]> {
    const rows = await ownMailSenders(this.#parts.sql, projectId)
    return rows.flatMap((row) => this.#opened(projectId, row) ?? [])
  }

  #opened(projectId: string, row: OwnSenderRow): MailSender | null {
    const known = this.#open.get(row.id)
    const made = known ?? this.#openIt(projectId, row)
    if (!made) return null
    this.#open.delete(row.id)
    this.#open.set(row.id, made)
    const [[oldest, last] = []] = this.#open
    if (this.#open.size > MOST_OPEN && oldest !== undefined && last) {
      this.#open.delete(oldest)
      last.sender.close()
    }
    return made
  }

  #openIt(projectId: string, row: OwnSenderRow): MailSender | null {
    const { config, logger, sql, clock } = this.#parts
    const { retries = null, ...where } = row.config
    const secret = this.#secretOf(row)
    if (secret === null) return null
    const sender = openSender(
      { kind: row.kind, from: row.from, ...where, secret },
      { allowLoopback: config.allowLoopbackProviders, resendBaseUrl: config.resendBaseUrl ?? undefined, maxConnections: CONNECTIONS_EACH },
    )
    const line = { project_id: projectId, sender_id: row.id, owner: row.owner }
    const note = (news: Parameters<typeof noteMailSender>[2]) =>
      noteMailSender(sql, row, news, clock.now()).catch((error: unknown) =>
        logger.warn({ ...line, err: error }, 'what became of a mail sender cannot be noted'),
      )
    const health = new SenderHealth({
      onBroken: (code, detail) => {
        logger.warn({ ...line, code }, 'a mail sender is refused: the next one takes over')
        void note({ state: 'failing', code, detail })
      },
      onWell: () => {
        logger.info(line, 'a mail sender works again')
        void note({ state: 'ready' })
      },
      silentTries: SILENT_TRIES,
      startsBroken: row.failing,
      ...this.#probe(),
    })
    return { owner: row.owner, sender, health, retries }
  }

  /** `null`: it cannot be used, such as a domain at Resend without the installation's key. */
  #secretOf(row: OwnSenderRow): string | null {
    const { email } = this.#parts.config
    if (row.kind === 'resend_domain') return email?.kind === 'resend' ? email.apiKey : null
    if (!row.secretSealed) return null
    return unpackSecret(row.kind, this.#box.open(row.secretSealed, mailSenderContext(row.ownerId, row.id)).toString('utf8')).secret
  }

  #probe() {
    return this.#parts.probeMs === undefined ? {} : { probeMs: this.#parts.probeMs }
  }
}

function installationSender(email: EmailConfig | null): EmailSender {
  if (!email) return new NullSender()
  if (email.kind === 'resend') {
    const { apiKey, from, baseUrl } = email
    return new ResendSender({ apiKey, from, ...(baseUrl === null ? {} : { baseUrl }) })
  }
  // The operator's own server may be on the operator's own network.
  return new SmtpSender({ ...email, connect: (host, port) => connectPlain(host, port, CONNECT_MS) })
}
