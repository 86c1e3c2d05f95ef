import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import { SECOND_PRESS_SECONDS, withoutEarlier } from './one-time-token.store.js'

/** A mail that proves an address by a link, a code, or either; see `auth.email_challenge`. */
export interface ChallengePlan {
  purpose: 'sign_in' | 'email_confirm'
  address: string
  addressTyped: string
  link: boolean
  code: boolean
  createUser: boolean
  redirectTo?: string
  codeChallenge?: string
}

const MAGIC_LINK_TTL_SECONDS = 15 * MINUTE_SECONDS
const EMAIL_CODE_TTL_SECONDS = 10 * MINUTE_SECONDS
/** Wrong guesses after which a code is dead for strangers, and for who is known there: those are left some whatever strangers do. */
const MAX_CODE_ATTEMPTS = 5
const MAX_CODE_ATTEMPTS_OF_KNOWN = 10

export interface NewEmailChallenge {
  id: string
  plan: ChallengePlan
  linkDigest: Buffer | null
  codeDigest: Buffer | null
  /** When it was asked for: of two for one address the later one counts. */
  createdAt: Date
  now: Date
}

/**
 * Stores challenges and voids the earlier ones of their address and purpose. Answers, in their order, whether one may be mailed: not when a
 * later one exists, here or in the table, or when it was spent or voided since.
 */
export async function issueEmailChallenges(tx: ProjectTx, challenges: readonly NewEmailChallenge[]): Promise<boolean[]> {
  const given = withoutEarlier(challenges, ({ plan }) => `${plan.purpose} ${plan.address}`)
  if (given.length === 0) return []
  const codeExpiresAt = ({ codeDigest, now }: NewEmailChallenge) => (codeDigest === null ? null : addSeconds(now, EMAIL_CODE_TTL_SECONDS))
  const rows = await tx.query<{ id: string }>({
    name: 'email_challenge_issue',
    text: 'select id from auth.issue_email_challenges($1) id',
    values: [
      JSON.stringify(
        given.map((each) => ({
          id: each.id,
          purpose: each.plan.purpose,
          address: each.plan.address,
          address_typed: each.plan.addressTyped,
          link_digest: each.linkDigest?.toString('hex') ?? null,
          code_digest: each.codeDigest?.toString('hex') ?? null,
          create_user: each.plan.createUser,
          redirect_to: each.plan.redirectTo ?? null,
          code_challenge: each.plan.codeChallenge ?? null,
          created_at: each.createdAt,
          expires_at: each.linkDigest === null ? (codeExpiresAt(each) ?? each.now) : addSeconds(each.now, MAGIC_LINK_TTL_SECONDS),
          code_expires_at: codeExpiresAt(each),
        })),
      ),
    ],
  })
  const issued = new Set(rows.map(({ id }) => id))
  return challenges.map(({ id }) => issued.has(id))
}

export interface EmailChallenge {
  address: string
  addressTyped: string
  createUser: boolean
  redirectTo: string | null
  codeChallenge: string | null
}

interface Row {
  address: string
  address_typed: string
  create_user: boolean
  redirect_to: string | null
  code_challenge: string | null
}

const toChallenge = (row: Row): EmailChallenge => ({
  address: row.address,
  addressTyped: row.address_typed,
  createUser: row.create_user,
  redirectTo: row.redirect_to,
  codeChallenge: row.code_challenge,
})

/** What the link of a mail is for, without spending it; for showing a page. */
export async function findChallengeByLink(db: ProjectDb, scope: ProjectScope, digest: Buffer, now: Date): Promise<EmailChallenge | null> {
  const [row] = await db.read<Row>(scope, {
    name: 'email_challenge_by_link',
    text: `select address, address_typed, create_user, redirect_to, code_challenge from auth.email_challenge
      where project_id = auth.current_project_id() and link_digest = $1 and consumed_at is null and voided_at is null and expires_at > $2`,
    values: [digest, now],
  })
  return row ? toChallenge(row) : null
}

/** Whether a mail carried this link, used or not. */
export async function wasLinkMailed(tx: ProjectTx, digest: Buffer): Promise<boolean> {
  const text = 'select 1 from auth.email_challenge where project_id = auth.current_project_id() and link_digest = $1'
  return (await tx.query({ name: 'email_challenge_mailed', text, values: [digest] })).length > 0
}

/** Spends the link, in one statement; the code of the same mail is spent with it. */
export async function consumeChallengeByLink(tx: ProjectTx, digest: Buffer, now: Date): Promise<EmailChallenge | null> {
  const [row] = await tx.query<Row>({
    name: 'email_challenge_consume_link',
    text: `update auth.email_challenge set consumed_at = $2
      where project_id = auth.current_project_id() and link_digest = $1 and consumed_at is null and voided_at is null and expires_at > $2
      returning address, address_typed, create_user, redirect_to, code_challenge`,
    values: [digest, now],
  })
  return row ? toChallenge(row) : null
}

export interface CodeGuess {
  address: string
  purpose: ChallengePlan['purpose']
  codeDigests: readonly Buffer[]
  /** The guess comes from where the person has signed in before. */
  isKnown: boolean
  now: Date
}

/**
 * One guess at the code mailed to an address. The same statement counts the guess and spends the code if it is right, so of any number of
 * parallel guesses at most five are compared, and five more for who calls from where the person has signed in before. `null`: wrong, dead,
 * expired, or there is none.
 */
export async function guessCode(
  tx: ProjectTx,
  { address, purpose, codeDigests, isKnown, now }: CodeGuess,
): Promise<EmailChallenge | null> {
  const [row] = await tx.query<Row & { right: boolean }>({
    name: 'email_challenge_guess',
    text: `update auth.email_challenge set attempts = attempts + 1, consumed_at = case when code_digest = any ($3::bytea[]) then $4::timestamptz end
      where project_id = auth.current_project_id() and address = $1 and purpose = $2 and code_digest is not null
        and attempts < $5 and consumed_at is null and voided_at is null and code_expires_at > $4
      returning address, address_typed, create_user, redirect_to, code_challenge, consumed_at is not null as right`,
    values: [address, purpose, codeDigests, now, isKnown ? MAX_CODE_ATTEMPTS_OF_KNOWN : MAX_CODE_ATTEMPTS],
  })
  return row?.right ? toChallenge(row) : null
}

/** Whether this very code confirmed the address a moment ago. It is a guess like any other: the fifth wrong one ends it. */
export async function wasJustConfirmedByCode(
  tx: ProjectTx,
  { address, codeDigests, now }: { address: string; codeDigests: readonly Buffer[]; now: Date },
): Promise<boolean> {
  const [row] = await tx.query<{ right: boolean }>({
    name: 'email_challenge_just_spent',
    text: `update auth.email_challenge set attempts = attempts + case when code_digest = any ($2::bytea[]) then 0 else 1 end
      where project_id = auth.current_project_id() and address = $1 and purpose = 'email_confirm' and code_digest is not null
        and attempts <= $4 and consumed_at >= $3 and voided_at is null
      returning code_digest = any ($2::bytea[]) as right`,
    values: [address, codeDigests, addSeconds(now, -SECOND_PRESS_SECONDS), MAX_CODE_ATTEMPTS],
  })
  return row?.right ?? false
}

export interface PressedLink {
  redirectTo: string | null
  codeChallenge: string
  /** Digest of what the browser that pressed first was known by. */
  browser: unknown
}

/**
 * A sign-in link that was pressed on our page a moment ago and made the exchange code with this digest. Null when the code was taken back
 * since, as by an eviction or a new password, and when the user is disabled or has another address now.
 */
export async function findPressedLink(
  tx: ProjectTx,
  { linkDigest, codeDigest, now }: { linkDigest: Buffer; codeDigest: Buffer; now: Date },
): Promise<PressedLink | null> {
  const [row] = await tx.query<{ redirect_to: string | null; code_challenge: string; browser: unknown }>({
    name: 'email_challenge_pressed',
    text: `select c.redirect_to, x.code_challenge, x.payload->'browser' as browser from auth.email_challenge c
      join auth.exchange_code x on x.project_id = c.project_id and x.digest = $2 and x.purpose = 'sign_in'
      join auth.end_user u on u.project_id = x.project_id and u.id = x.end_user_id
      where c.project_id = auth.current_project_id() and c.link_digest = $1 and c.consumed_at >= $3 and c.voided_at is null
        and u.disabled_at is null and u.email = c.address and (x.consumed_at is null or x.payload ? 'redeemed')`,
    values: [linkDigest, codeDigest, addSeconds(now, -SECOND_PRESS_SECONDS)],
  })
  return row ? { redirectTo: row.redirect_to, codeChallenge: row.code_challenge, browser: row.browser } : null
}

/** Takes back what was mailed to an address and not used yet; answers how many were still good. */
export async function voidEmailChallenges(tx: ProjectTx, address: string, now: Date): Promise<number> {
  const rows = await tx.query<{ good: boolean }>({
    name: 'email_challenge_void',
    text: `update auth.email_challenge set voided_at = $2
      where project_id = auth.current_project_id() and address = $1 and consumed_at is null and voided_at is null returning expires_at > $2 as good`,
    values: [address, now],
  })
  return rows.filter(({ good }) => good).length
}
