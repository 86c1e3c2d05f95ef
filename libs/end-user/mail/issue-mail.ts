import { deriveCode, deriveToken, digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'
import type { ProjectSettings } from '@portico/kernel/project-settings'
import { issueOneTimeToken, ONE_TIME_TOKEN_TTL_SECONDS } from '../one-time-token.store.js'
import { issueEmailChallenge } from '../passwordless/email-challenge.store.js'
import { digestCode } from '../passwordless/code-digest.js'
import { linkBase, mailedLink } from './mail-link.js'
import { finishRow, lockWaitingRow, markTried, type FrozenMail, type OutboxRow } from './outbox-row.store.js'
import { planMail, type MailContents, type MailPlan, type TokenPlan } from './plan-mail.js'

export type IssuedMail =
  | { outcome: 'send'; contents: MailContents; to: string; projectName: string; attempt: number; firstAttemptAt: Date }
  /** Ended here: nobody to write to, nothing left to say, or out of time. */
  | { outcome: 'ended'; status: 'skipped' | 'dead'; reason: string }
  /** Done already, or in another worker's hands. */
  | { outcome: 'taken' }

export interface MailProject {
  scope: ProjectScope
  name: string
  /** False: turned off or archived. */
  serving: boolean
  settings: Pick<ProjectSettings, 'site_url' | 'redirect_urls'>
  authUrl: string
}

/** The provider forgets an idempotency key after 24 hours; a try after that could send the mail twice. */
export const MAX_TRYING_SECONDS = 23 * HOUR_SECONDS
/** NIST SP 800-63B, 3.1.3.2: six digits, with few attempts. */
const CODE_DIGITS = 6
/** A row whose worker died while sending comes up again after this time. */
const COME_BACK_SECONDS = 30

/**
 * Decides what one outbox row becomes: a mail to send, with its one-time token stored, or nothing.
 * Here, and only here, the address of a reset request is looked up, so that the request itself does the same work for everybody.
 */
export class IssueMail {
  /**
   * `tokenKey`: 32 bytes; tokens are derived from it, so that every try of a row carries the same one.
   * `codeKey`: 32 bytes; what is stored of a short code is an HMAC under it, which the data plane must have too.
   */
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly tokenKey: Buffer,
    private readonly codeKey: Buffer,
  ) {}

  execute(project: MailProject, outboxId: string): Promise<IssuedMail> {
    return this.db.transaction(project.scope, async (tx) => {
      const row = await lockWaitingRow(tx, outboxId)
      if (!row) return { outcome: 'taken' }
      const now = this.clock.now()
      const firstAttemptAt = row.frozen ? new Date(row.frozen.first_attempt_at) : now
      if (now >= addSeconds(firstAttemptAt, MAX_TRYING_SECONDS)) return end(tx, row, 'dead', 'out_of_time', now)
      const plan = project.serving ? await planMail(tx, row) : { skip: 'auth_disabled' }
      if ('skip' in plan) return end(tx, row, 'skipped', plan.skip, now)
      // A link must never reach an address that has left the account between two tries.
      if (row.frozen && row.frozen.to !== plan.to) return end(tx, row, 'skipped', 'address_changed', now)

      const frozen = row.frozen ?? freeze(project, plan, now)
      const contents = 'contents' in plan ? plan.contents : await this.#prove(tx, project, plan, row, frozen, now)
      if (contents === null) return end(tx, row, 'skipped', 'superseded', now)
      await markTried(tx, row.id, frozen, addSeconds(now, COME_BACK_SECONDS))
      return { outcome: 'send', contents, to: frozen.to, projectName: frozen.project_name, attempt: row.attempts + 1, firstAttemptAt }
    })
  }

  /** Stores what the mail proves and fills the mail in. `null`: a later mail of this purpose exists, or this one was used meanwhile. */
  async #prove(tx: ProjectTx, project: MailProject, plan: Exclude<MailPlan, { contents: MailContents }>, row: OutboxRow, frozen: FrozenMail, now: Date): Promise<MailContents | null> {
    const { projectId } = project.scope
    let link = ''
    let code = ''
    if (plan.token) {
      const token = deriveToken(this.tokenKey, [projectId, row.id, plan.token.purpose])
      if (!(await storeToken(tx, token, plan.token, row, now))) return null
      link = mailedLink(frozen.link_base ?? planLinkBase(project, plan) ?? '', token)
    }
    const { challenge } = plan
    if (challenge) {
      const token = challenge.link ? deriveToken(this.tokenKey, [projectId, row.id, 'magic_link']) : null
      if (challenge.code) code = deriveCode(this.tokenKey, [projectId, row.id, challenge.purpose], CODE_DIGITS)
      const codeDigest = challenge.code ? digestCode(this.codeKey, projectId, challenge.address, code) : null
      const linkDigest = token === null ? null : digestToken(token)
      if (!(await issueEmailChallenge(tx, { id: row.id, plan: challenge, linkDigest, codeDigest, createdAt: row.createdAt, now }))) return null
      if (token !== null) link = mailedLink(frozen.link_base ?? planLinkBase(project, plan) ?? '', token)
    }
    return plan.fill(link, code)
  }
}

/** Where the link of a mail leads, without its token; `null` for a mail without one. */
function planLinkBase(project: MailProject, plan: MailPlan): string | null {
  if ('contents' in plan) return null
  if (plan.token) return linkBase(project, plan.token.purpose, plan.token.redirectTo)
  if (!plan.challenge?.link) return null
  // With a proof key the link must come back through us, which hands the app a code; without one the app spends the token itself.
  if (plan.challenge.codeChallenge !== undefined) return `${project.authUrl}/mail/magic_link`
  return linkBase(project, 'magic_link', plan.challenge.redirectTo)
}

async function end(tx: ProjectTx, row: OutboxRow, status: 'skipped' | 'dead', reason: string, now: Date): Promise<IssuedMail> {
  await finishRow(tx, row.id, { status, reason, now })
  return { outcome: 'ended', status, reason }
}

function freeze(project: MailProject, plan: MailPlan, now: Date): FrozenMail {
  return {
    first_attempt_at: now.toISOString(),
    project_name: project.name,
    to: plan.to,
    link_base: planLinkBase(project, plan),
  }
}

function storeToken(tx: ProjectTx, token: string, plan: TokenPlan, row: OutboxRow, now: Date): Promise<boolean> {
  return issueOneTimeToken(tx, {
    digest: digestToken(token),
    purpose: plan.purpose,
    endUserId: plan.endUserId,
    payload: plan.payload,
    createdAt: row.createdAt,
    expiresAt: addSeconds(now, ONE_TIME_TOKEN_TTL_SECONDS[plan.purpose]),
  })
}
