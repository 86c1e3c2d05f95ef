import type { ProjectTx } from '@portico/database/project-db'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow } from './end-user.js'
import { MAX_CODE_ATTEMPTS } from './email-challenge.store.js'
import type { OneTimePurpose } from './one-time-token.store.js'

/** How long after the first success a second press is taken for the same one: a double click, a reload, an answer that got lost. */
export const SECOND_PRESS_SECONDS = 2 * MINUTE_SECONDS

export interface SpentToken {
  user: EndUser
  passwordHash: string | null
  payload: Record<string, unknown>
}

/** A token of this purpose that was spent a moment ago, with its user as they are now. Null: unknown, not spent, too long ago, or the user is disabled. */
export async function findJustSpentToken(tx: ProjectTx, { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date }): Promise<SpentToken | null> {
  const [row] = await tx.query<EndUserRow & { password_hash: string | null; token_payload: Record<string, unknown> }>({
    name: 'one_time_token_just_spent',
    text: `select ${columns('u')}, u.password_hash, t.payload as token_payload from auth.one_time_token t
      join auth.end_user u on u.project_id = t.project_id and u.id = t.end_user_id
      where t.project_id = auth.current_project_id() and t.digest = $1 and t.purpose = $2 and t.consumed_at >= $3 and t.voided_at is null and u.disabled_at is null`,
    values: [digest, purpose, addSeconds(now, -SECOND_PRESS_SECONDS)],
  })
  return row ? { user: toEndUser(row), passwordHash: row.password_hash, payload: row.token_payload } : null
}

/** Keeps beside a spent token what its answer said, for the second press. */
export async function rememberOutcome(tx: ProjectTx, digest: Buffer, outcome: Record<string, unknown>): Promise<void> {
  await tx.query({
    name: 'one_time_token_outcome',
    text: 'update auth.one_time_token set payload = payload || $2::jsonb where project_id = auth.current_project_id() and digest = $1',
    values: [digest, JSON.stringify(outcome)],
  })
}

/** Whether this very code confirmed the address a moment ago. It is a guess like any other: the fifth wrong one ends it. */
export async function wasJustConfirmedByCode(tx: ProjectTx, { address, codeDigest, now }: { address: string; codeDigest: Buffer; now: Date }): Promise<boolean> {
  const [row] = await tx.query<{ right: boolean }>({
    name: 'email_challenge_just_spent',
    text: `update auth.email_challenge set attempts = attempts + case when code_digest = $2 then 0 else 1 end
      where project_id = auth.current_project_id() and address = $1 and purpose = 'email_confirm' and code_digest is not null
        and attempts <= $4 and consumed_at >= $3 and voided_at is null
      returning code_digest = $2 as right`,
    values: [address, codeDigest, addSeconds(now, -SECOND_PRESS_SECONDS), MAX_CODE_ATTEMPTS],
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
 * A sign-in link that was pressed on our page a moment ago and made the exchange code with this digest. Null when the code was taken back since, as by an
 * eviction or a new password, and when the user is disabled or has another address now.
 */
export async function findPressedLink(tx: ProjectTx, { linkDigest, codeDigest, now }: { linkDigest: Buffer; codeDigest: Buffer; now: Date }): Promise<PressedLink | null> {
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

const columns = (alias: string) => END_USER_COLUMNS.split(',').map((column) => `${alias}.${column.trim()}`).join(', ')
