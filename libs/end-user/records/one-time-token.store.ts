import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { addSeconds, DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'
import { endUserColumns, toEndUser, type EndUser, type EndUserRow } from './end-user.js'

/** Closed: what a mailed token can be spent on. The column has the same list. */
export type OneTimePurpose =
  'password_reset' | 'email_confirm' | 'email_change' | 'email_change_undo' | 'invitation' | 'account_recovery' | 'device_report'

/** Opens the account or makes somebody its owner; all but the way back of an earlier address and the link that puts everybody out. */
export const TOKENS_TO_THE_MAILBOX: readonly OneTimePurpose[] = [
  'password_reset',
  'email_confirm',
  'email_change',
  'invitation',
  'account_recovery',
]
export const ALL_TOKENS: readonly OneTimePurpose[] = [...TOKENS_TO_THE_MAILBOX, 'email_change_undo', 'device_report']

/** How long a mailed token works, in seconds from the sending (promises, defaults). The templates say the same in words. */
export const ONE_TIME_TOKEN_TTL_SECONDS: Record<OneTimePurpose, number> = {
  password_reset: 60 * MINUTE_SECONDS,
  email_confirm: 24 * HOUR_SECONDS,
  email_change: 24 * HOUR_SECONDS,
  email_change_undo: 7 * DAY_SECONDS,
  invitation: 7 * DAY_SECONDS,
  account_recovery: 60 * MINUTE_SECONDS,
  device_report: 7 * DAY_SECONDS,
}

/** How long after the first success a second press is taken for the same one: a double click, a reload, an answer that got lost. */
export const SECOND_PRESS_SECONDS = 2 * MINUTE_SECONDS

// Each old address keeps its own undo link: an intruder who changes the address twice must not void the owner's.
const ONLY_THE_LATEST_COUNTS: Record<OneTimePurpose, boolean> = {
  password_reset: true,
  email_confirm: true,
  email_change: true,
  email_change_undo: false,
  invitation: true,
  account_recovery: true,
  // Each notice is about another device.
  device_report: false,
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
 * Stores tokens, each with a digest of its own, and voids the earlier ones of their purpose (undo links stay). Asking again with the same
 * digest moves its end and answers the same. Answers, in their order, whether a token may be mailed: not when a later one exists already,
 * here or in the table, or when it was spent or voided since. Lock the end users' rows first, so that two mails of one person follow each
 * other.
 */
export async function issueOneTimeTokens(tx: ProjectTx, tokens: readonly NewOneTimeToken[]): Promise<boolean[]> {
  const given = withoutEarlier(tokens, (token) => (ONLY_THE_LATEST_COUNTS[token.purpose] ? `${token.purpose} ${token.endUserId}` : null))
  if (given.length === 0) return []
  const rows = await tx.query<{ digest: Buffer }>({
    name: 'one_time_token_issue',
    text: 'select digest from auth.issue_one_time_tokens($1) digest',
    values: [
      JSON.stringify(
        given.map((token) => ({
          digest: token.digest.toString('hex'),
          purpose: token.purpose,
          end_user_id: token.endUserId,
          payload: snakeKeys(token.payload ?? {}),
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          only_latest: ONLY_THE_LATEST_COUNTS[token.purpose],
        })),
      ),
    ],
  })
  const issued = new Set(rows.map(({ digest }) => digest.toString('hex')))
  return tokens.map(({ digest }) => issued.has(digest.toString('hex')))
}

/**
 * Leaves out whatever has a later one of the same key in the list. Key `null`: it has no rivals. Of two of one time both stay, as in the
 * table.
 */
export function withoutEarlier<T extends { createdAt: Date }>(list: readonly T[], keyOf: (each: T) => string | null): T[] {
  const latest = new Map<string, number>()
  for (const each of list) {
    const key = keyOf(each)
    if (key !== null) latest.set(key, Math.max(latest.get(key) ?? -Infinity, each.createdAt.getTime()))
  }
  return list.filter((each) => each.createdAt.getTime() >= (latest.get(keyOf(each) ?? '') ?? -Infinity))
}

/** Whose token this is, without spending it. For refusing a bad new password before it costs the token; never a proof of anything. */
export async function findOneTimeTokenOwner(
  db: ProjectDb,
  scope: ProjectScope,
  { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date },
): Promise<{ endUserId: string; email: string; newAddress: string | null } | null> {
  const [row] = await db.read<{ id: string; email: string; new_address: string | null }>(scope, {
    name: 'one_time_token_owner',
    text: `select u.id, u.email, t.payload->>'new_address' as new_address from auth.one_time_token t
      join auth.end_user u on u.project_id = t.project_id and u.id = t.end_user_id
      where t.project_id = auth.current_project_id() and t.digest = $1 and t.purpose = $2
        and t.consumed_at is null and t.voided_at is null and t.expires_at > $3 and u.disabled_at is null`,
    values: [digest, purpose, now],
  })
  return row ? { endUserId: row.id, email: row.email, newAddress: row.new_address } : null
}

/** What a token was mailed for and to whom, spent or not; `null`: there is none. */
export async function findMailedToken(tx: ProjectTx, digest: Buffer): Promise<{ purpose: OneTimePurpose; endUserId: string } | null> {
  const [row] = await tx.query<{ purpose: OneTimePurpose; end_user_id: string }>({
    name: 'one_time_token_purpose',
    text: 'select purpose, end_user_id from auth.one_time_token where project_id = auth.current_project_id() and digest = $1',
    values: [digest],
  })
  return row ? { purpose: row.purpose, endUserId: row.end_user_id } : null
}

/** Whether a mail carried this token, spent or not. */
export async function wasTokenMailed(tx: ProjectTx, digest: Buffer): Promise<boolean> {
  const text = 'select 1 from auth.one_time_token where project_id = auth.current_project_id() and digest = $1'
  return (await tx.query({ name: 'one_time_token_mailed', text, values: [digest] })).length > 0
}

export interface SpentOneTimeToken {
  endUserId: string
  payload: Record<string, unknown>
  /** When it was asked for. */
  createdAt: Date
}

/**
 * Spends the token, in one statement: of two callers at once only one gets it. Null: unknown, of another purpose, spent, voided or expired.
 */
export async function consumeOneTimeToken(
  tx: ProjectTx,
  { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date },
): Promise<SpentOneTimeToken | null> {
  const rows = await tx.query<{ end_user_id: string; payload: Record<string, unknown>; created_at: Date }>({
    name: 'one_time_token_consume',
    text: `update auth.one_time_token set consumed_at = $3
      where project_id = auth.current_project_id() and digest = $1 and purpose = $2
        and consumed_at is null and voided_at is null and expires_at > $3
      returning end_user_id, payload, created_at`,
    values: [digest, purpose, now],
  })
  const row = rows[0]
  return row ? { endUserId: row.end_user_id, payload: camelKeys(row.payload), createdAt: row.created_at } : null
}

export interface JustSpentToken {
  user: EndUser
  passwordHash: string | null
  payload: Record<string, unknown>
}

/**
 * A token of this purpose that was spent a moment ago, with its user as they are now. Null: unknown, not spent, too long ago, or the user
 * is disabled.
 */
export async function findJustSpentToken(
  tx: ProjectTx,
  { digest, purpose, now }: { digest: Buffer; purpose: OneTimePurpose; now: Date },
): Promise<JustSpentToken | null> {
  const [row] = await tx.query<EndUserRow & { password_hash: string | null; token_payload: Record<string, unknown> }>({
    name: 'one_time_token_just_spent',
    text: `select ${endUserColumns('u')}, u.password_hash, t.payload as token_payload from auth.one_time_token t
      join auth.end_user u on u.project_id = t.project_id and u.id = t.end_user_id
      where t.project_id = auth.current_project_id() and t.digest = $1 and t.purpose = $2 and t.consumed_at >= $3 and t.voided_at is null and u.disabled_at is null`,
    values: [digest, purpose, addSeconds(now, -SECOND_PRESS_SECONDS)],
  })
  return row ? { user: toEndUser(row), passwordHash: row.password_hash, payload: camelKeys(row.token_payload) } : null
}

/** Keeps beside a spent token what its answer said, for the second press. */
export async function rememberOutcome(tx: ProjectTx, digest: Buffer, outcome: Record<string, unknown>): Promise<void> {
  await tx.query({
    name: 'one_time_token_outcome',
    text: 'update auth.one_time_token set payload = payload || $2::jsonb where project_id = auth.current_project_id() and digest = $1',
    values: [digest, JSON.stringify(snakeKeys(outcome))],
  })
}

export type VoidedTokens = Partial<Record<OneTimePurpose, number>>

/** Takes back every unspent token of these purposes, as after a password or address change; answers how many of each were still good. */
export async function voidOneTimeTokens(
  tx: ProjectTx,
  { endUserId, purposes, now }: { endUserId: string; purposes: readonly OneTimePurpose[]; now: Date },
): Promise<VoidedTokens> {
  const rows = await tx.query<{ purpose: OneTimePurpose; good: boolean }>({
    name: 'one_time_token_void',
    text: `update auth.one_time_token set voided_at = $3
      where project_id = auth.current_project_id() and end_user_id = $1 and purpose = any ($2::text[]) and consumed_at is null and voided_at is null
      returning purpose, expires_at > $3 as good`,
    values: [endUserId, purposes, now],
  })
  const voided: VoidedTokens = {}
  for (const { purpose, good } of rows) if (good) voided[purpose] = (voided[purpose] ?? 0) + 1
  return voided
}
