import { deriveCode, deriveToken, digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'
import { readLocale, type Locale } from '@portico/kernel/locales'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { issueOneTimeTokens, ONE_TIME_TOKEN_TTL_SECONDS, type NewOneTimeToken } from '../../records/one-time-token.store.js'
import { issueEmailChallenges, type NewEmailChallenge } from '../../records/email-challenge.store.js'
import { digestCode } from '../code-digest.js'
import { MAILED_CODE_DIGITS } from '../mailed-code.js'
import { freeze, planLinkBase, withResetLink, type MailProject } from './freeze-mail.js'
import { mailedLink } from './mail-link.js'
import {
  finishTakenRows,
  lockWaitingRows,
  markTried,
  suppressedAmong,
  type FrozenMail,
  type OutboxRow,
} from '../../records/outbox-row.store.js'
import { mailbox, type MailBudget } from './mail-budget.js'
import { findRecipient, planMail, recipientOf, type MailContents, type MailPlan, type TokenPlan } from './plan-mail.js'
import { lockRecipients, NO_RECIPIENTS, type Recipients } from '../../records/end-user-search.store.js'

export type IssuedMail = { outboxId: string } & (
  | {
      outcome: 'send'
      contents: MailContents
      to: string
      brand: MailBrand
      locale: Locale
      fromName: string | null
      replyTo: string | null
      attempt: number
      firstAttemptAt: Date
      leasedUntil: Date
      traceparent: string | null
    }
  /** Ended here: no recipient, nothing left to say, or out of time. */
  | { outcome: 'ended'; status: 'skipped' | 'dead'; reason: string }
)

/** The provider forgets an idempotency key after 24 hours; a try after that could send the mail twice. */
export const MAX_TRYING_SECONDS = 23 * HOUR_SECONDS
/** How long a taken row is leased: a send of 10 s and some waiting. If its worker dies, it comes up again after this time. */
const LEASE_SECONDS = 25

interface Draft {
  row: OutboxRow
  /** Whether the account it is about has proved its address. */
  proven: boolean
  frozen: FrozenMail
  token: NewOneTimeToken | null
  challenge: NewEmailChallenge | null
  contents: MailContents
}

interface Ended {
  row: OutboxRow
  status: 'skipped' | 'dead'
  reason: string
}

/**
 * Decides what outbox rows of a project become: mails to send, with their one-time tokens stored, or nothing.
 * Here, and only here, the address of a reset request is looked up, so that the request itself does the same work for known and unknown
 * addresses.
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
    private readonly budget: MailBudget,
  ) {}

  /** Rows that are done already, or in another sender's hands, are missing from the answer. One that cannot be worked on fails them all. */
  execute(project: MailProject, outboxIds: readonly string[]): Promise<IssuedMail[]> {
    return this.db.transaction(project.scope, async (tx) => {
      const now = this.clock.now()
      const rows = await lockWaitingRows(tx, outboxIds, now)
      if (rows.length === 0) return []
      const recipients = project.serving ? await lockThem(tx, rows) : NO_RECIPIENTS
      const ended: Ended[] = []
      const drafts: Draft[] = []
      for (const row of rows) {
        const decided = this.#decide(project, row, recipients, now)
        if ('reason' in decided) ended.push(decided)
        else drafts.push(decided)
      }
      const wanted = await withoutSuppressed(tx, drafts, ended)
      const affordable = await this.#affordable(project, wanted, ended)
      const good = await storeProofs(tx, affordable)
      for (const draft of affordable) if (!good.has(draft)) ended.push({ row: draft.row, status: 'skipped', reason: 'superseded' })
      if (ended.length > 0)
        await finishTakenRows(
          tx,
          ended.map(({ row, status, reason }) => ({ id: row.id, status, reason })),
          now,
        )
      const leasedUntil = addSeconds(now, LEASE_SECONDS)
      if (good.size > 0)
        await markTried(
          tx,
          [...good].map(({ row, frozen }) => ({ id: row.id, frozen })),
          leasedUntil,
        )
      return [
        ...ended.map(({ row, status, reason }) => ({ outcome: 'ended' as const, outboxId: row.id, status, reason })),
        ...[...good].map(({ row, frozen, contents }) => ({
          outcome: 'send' as const,
          outboxId: row.id,
          contents,
          to: frozen.to,
          brand: frozen.brand ?? { name: frozen.projectName },
          locale: readLocale(frozen.locale ?? '') ?? 'en',
          fromName: frozen.fromName ?? null,
          replyTo: frozen.replyTo ?? null,
          attempt: row.attempts + 1,
          firstAttemptAt: new Date(frozen.firstAttemptAt),
          leasedUntil,
          traceparent: row.traceparent,
        })),
      ]
    })
  }

  /** Before anything is stored: a mail that is not sent must not void the links of one that was. A row is counted at its first try. */
  async #affordable(project: MailProject, drafts: Draft[], ended: Ended[]): Promise<Draft[]> {
    const first = drafts.filter(({ row }) => row.frozen === null)
    const refusals = await this.budget.admit(
      project,
      first.map(({ row, frozen, proven }) => ({ kind: row.kind, to: frozen.to, proven })),
    )
    const refused = new Set<Draft>()
    first.forEach((draft, index) => {
      const reason = refusals[index]
      if (!reason) return
      refused.add(draft)
      ended.push({ row: draft.row, status: 'dead', reason })
    })
    return drafts.filter((draft) => !refused.has(draft))
  }

  #decide(project: MailProject, row: OutboxRow, recipients: Recipients, now: Date): Draft | Ended {
    const firstAttemptAt = row.frozen ? new Date(row.frozen.firstAttemptAt) : now
    if (now >= addSeconds(firstAttemptAt, MAX_TRYING_SECONDS)) return { row, status: 'dead', reason: 'out_of_time' }
    const plan = project.serving ? planMail(row, recipients) : { skip: 'auth_disabled' }
    if ('skip' in plan) return { row, status: 'skipped', reason: plan.skip }
    // A link must never reach an address that has left the account between two tries.
    if (row.frozen && row.frozen.to !== plan.to) return { row, status: 'skipped', reason: 'address_changed' }
    const recipient = findRecipient(row, recipients)
    const frozen = row.frozen ?? freeze(project, plan, [recipient?.savedLocale, row.payload['askedIn']], now)
    const proven = recipient?.verified ?? false
    const withoutProof = { row, proven, frozen, token: null, challenge: null }
    if ('contents' in plan) return { ...withoutProof, contents: withResetLink(plan.contents, frozen) }
    if ('leadsTo' in plan) return { ...withoutProof, contents: plan.fill(frozen.linkBase ?? '', '') }
    return { ...this.#draft(project, row, plan, frozen, now), proven }
  }

  /** What the mail proves, and the mail filled in. */
  #draft(
    project: MailProject,
    row: OutboxRow,
    plan: Exclude<MailPlan, { contents: MailContents } | { leadsTo: object }>,
    frozen: FrozenMail,
    now: Date,
  ): Omit<Draft, 'proven'> {
    const { projectId } = project.scope
    const linkTo = (token: string) => mailedLink(frozen.linkBase ?? planLinkBase(project, plan) ?? '', token)
    const draft: Omit<Draft, 'contents' | 'proven'> = { row, frozen, token: null, challenge: null }
    let link = ''
    let code = ''
    if (plan.token) {
      const token = deriveToken(this.tokenKey, [projectId, row.id, plan.token.purpose])
      draft.token = newToken(token, plan.token, row, now)
      link = linkTo(token)
    }
    const { challenge } = plan
    if (challenge) {
      const token = challenge.link ? deriveToken(this.tokenKey, [projectId, row.id, 'magic_link']) : null
      if (challenge.code) code = deriveCode(this.tokenKey, [projectId, row.id, challenge.purpose], MAILED_CODE_DIGITS)
      const codeDigest = challenge.code ? digestCode(this.codeKey, projectId, challenge.address, code) : null
      const linkDigest = token === null ? null : digestToken(token)
      draft.challenge = { id: row.id, plan: challenge, linkDigest, codeDigest, createdAt: row.createdAt, now }
      if (token !== null) link = linkTo(token)
    }
    return { ...draft, contents: plan.fill(link, code) }
  }
}

async function lockThem(tx: ProjectTx, rows: OutboxRow[]): Promise<Recipients> {
  const wanted = rows.map(recipientOf)
  return lockRecipients(
    tx,
    wanted.flatMap((each) => (each && 'id' in each ? [each.id] : [])),
    wanted.flatMap((each) => (each && 'email' in each ? [each.email] : [])),
  )
}

/** Answers the mails whose proofs are stored. Of the others a later mail of this purpose exists, or they were used meanwhile. */
async function storeProofs(tx: ProjectTx, drafts: Draft[]): Promise<Set<Draft>> {
  const good = new Set(drafts)
  const withToken = drafts.flatMap((draft) => (draft.token ? [{ draft, token: draft.token }] : []))
  const tokens = await issueOneTimeTokens(
    tx,
    withToken.map(({ token }) => token),
  )
  withToken.forEach(({ draft }, index) => tokens[index] || good.delete(draft))
  const withChallenge = [...good].flatMap((draft) => (draft.challenge ? [{ draft, challenge: draft.challenge }] : []))
  const challenges = await issueEmailChallenges(
    tx,
    withChallenge.map(({ challenge }) => challenge),
  )
  withChallenge.forEach(({ draft }, index) => challenges[index] || good.delete(draft))
  return good
}

/** A row that was tried already goes on: what is known of the address now came later. */
async function withoutSuppressed(tx: ProjectTx, drafts: Draft[], ended: Ended[]): Promise<Draft[]> {
  const suppressed = await suppressedAmong(tx, drafts.map(({ frozen }) => mailbox(frozen.to)))
  if (suppressed.size === 0) return drafts
  return drafts.filter(({ row, frozen }) => {
    const goes = row.frozen !== null || !suppressed.has(mailbox(frozen.to))
    if (!goes) ended.push({ row, status: 'skipped', reason: 'suppressed' })
    return goes
  })
}

function newToken(token: string, plan: TokenPlan, row: OutboxRow, now: Date): NewOneTimeToken {
  return {
    digest: digestToken(token),
    purpose: plan.purpose,
    endUserId: plan.endUserId,
    payload: plan.payload,
    createdAt: row.createdAt,
    expiresAt: addSeconds(now, ONE_TIME_TOKEN_TTL_SECONDS[plan.purpose]),
  }
}
