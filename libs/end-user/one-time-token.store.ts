import type { ProjectTx } from '@portico/database/project-db'
import { HOUR_SECONDS, DAY_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'

/** Closed: what a mailed token can be spent on. The column has the same list. */
export type OneTimePurpose = 'password_reset' | 'email_confirm' | 'email_change' | 'email_change_undo' | 'invitation' | 'account_recovery'

/** How long a mailed token works, in seconds from the sending (promises, defaults). The templates say the same in words. */
export const ONE_TIME_TOKEN_TTL_SECONDS: Record<OneTimePurpose, number> = {
  password_reset: 60 * MINUTE_SECONDS,
  email_confirm: 24 * HOUR_SECONDS,
  email_change: 24 * HOUR_SECONDS,
  email_change_undo: 7 * DAY_SECONDS,
  invitation: 7 * DAY_SECONDS,
  account_recovery: 60 * MINUTE_SECONDS,
}

// Each old address keeps its own undo link: an intruder who changes the address twice must not void the owner's.
const ONLY_THE_LATEST_COUNTS: Record<OneTimePurpose, boolean> = {
  password_reset: true,
  email_confirm: true,
  email_change: true,
  email_change_undo: false,
  invitation: true,
  account_recovery: true,
}

export interface NewOneTimeToken {
  /** SHA-256 of the token (`digestToken`): the only form that is stored. */
  digest: Buffer
  purpose: OneTimePurpose
  endUserId: string
  /** What spending it will need, such as the new address. */
  payload?: Record<string, unknown>
  /** When it was asked for: of two tokens of one purpose the later one counts. */
  createdAt: Date
  expiresAt: Date
}

/**
 * Stores a token and voids the earlier ones of its purpose (undo links stay). Asking again with the same digest moves its end and answers the same.
 * Answers false when the token is not to be mailed: a later one exists already, or it was spent or voided since.
 * Lock the end user's row first, so that two mails of one person follow each other.
 */
export async function issueOneTimeToken(tx: ProjectTx, token: NewOneTimeToken): Promise<boolean> {
  const rows = await tx.query<{ issued: boolean }>({
    name: 'one_time_token_issue',
    text: `with issued as (
        insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at)
        select auth.current_project_id(), $1::bytea, $2::text, $3::uuid, $4::jsonb, $5::timestamptz, $6::timestamptz
        where not $7::boolean or not exists (
          select from auth.one_time_token newer
          where newer.project_id = auth.current_project_id() and newer.end_user_id = $3 and newer.purpose = $2 and newer.created_at > $5)
        on conflict (project_id, digest) do update set expires_at = excluded.expires_at
          where one_time_token.consumed_at is null and one_time_token.voided_at is null
        returning 1),
      voided as (
        update auth.one_time_token earlier set voided_at = $5
        where $7 and earlier.project_id = auth.current_project_id() and earlier.end_user_id = $3 and earlier.purpose = $2 and earlier.digest <> $1
          and earlier.created_at < $5 and earlier.consumed_at is null and earlier.voided_at is null and exists (select from issued))
      select exists (select from issued) as issued`,
    values: [token.digest, token.purpose, token.endUserId, JSON.stringify(token.payload ?? {}), token.createdAt, token.expiresAt,
      ONLY_THE_LATEST_COUNTS[token.purpose]],
  })
  return rows[0]?.issued === true
}

export interface SpentOneTimeToken {
  endUserId: string
  payload: Record<string, unknown>
}

/** Spends the token, in one statement: of two callers at once only one gets it. Null: unknown, of another purpose, spent, voided or expired. */
export async function consumeOneTimeToken(
  tx: ProjectTx,
  { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date },
): Promise<SpentOneTimeToken | null> {
  const rows = await tx.query<{ end_user_id: string; payload: Record<string, unknown> }>({
    name: 'one_time_token_consume',
    text: `update auth.one_time_token set consumed_at = $3
      where project_id = auth.current_project_id() and digest = $1 and purpose = $2
        and consumed_at is null and voided_at is null and expires_at > $3
      returning end_user_id, payload`,
    values: [digest, purpose, now],
  })
  const row = rows[0]
  return row ? { endUserId: row.end_user_id, payload: row.payload } : null
}

/** Takes back every unspent token of these purposes, as after a password or address change. */
export async function voidOneTimeTokens(
  tx: ProjectTx,
  { endUserId, purposes, now }: { endUserId: string; purposes: readonly OneTimePurpose[]; now: Date },
): Promise<void> {
  await tx.query({
    name: 'one_time_token_void',
    text: `update auth.one_time_token set voided_at = $3
      where project_id = auth.current_project_id() and end_user_id = $1 and purpose = any ($2::text[]) and consumed_at is null and voided_at is null`,
    values: [endUserId, purposes, now],
  })
}
