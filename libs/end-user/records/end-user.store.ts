import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { EmailAddress } from '@portico/kernel/email-address'
import type { Locale } from '@portico/kernel/locales'
import { tracing } from '@portico/kernel/tracing'
import type { Caller } from '../caller.js'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow } from './end-user.js'
import { sessionRow, type SessionDraft } from './session-draft.js'

export interface SignUp {
  id: string
  address: EmailAddress
  passwordHash: string
  metadata: Record<string, unknown>
  /** RFC 7636. */
  codeChallenge?: string | null
  /** The language of the mail that follows. */
  askedIn?: Locale | undefined
  now: Date
  caller: Caller
}

/** Account, first session, mail and audit row in one trip; see `auth.sign_up`. `null`: the address is taken. */
export async function signUpEndUser(
  db: ProjectDb,
  project: ProjectRecord,
  user: SignUp,
  extra: { session: SessionDraft | null; confirmMailId: string | null; takenMailId: string | null },
): Promise<EndUser | null> {
  const row = JSON.stringify({
    id: user.id,
    email: user.address.normalised,
    email_typed: user.address.typed,
    password_hash: user.passwordHash,
    metadata: user.metadata,
    code_challenge: user.codeChallenge ?? null,
    asked_in: user.askedIn,
    now: user.now,
    ip: user.caller.ip,
    user_agent: user.caller.userAgent,
    traceparent: tracing()?.traceparent() ?? undefined,
  })
  const [answer] = await db.call<{ outcome: 'created' | 'taken' | 'sso_required'; end_user: EndUserRow }>(project.scope, {
    name: 'sign_up',
    text: 'select outcome, end_user from auth.sign_up($1, $2, $3, $4, $5)',
    values: [row, extra.session && sessionRow(project, extra.session), extra.confirmMailId, extra.takenMailId],
  })
  if (answer?.outcome === 'sso_required') throw new AuthError('sso_required')
  return answer?.outcome === 'created' ? toEndUser(answer.end_user) : null
}

export interface NewEndUser {
  id: string
  address: EmailAddress
  emailVerified: boolean
  passwordHash?: string | null
  metadata?: Record<string, unknown>
  now: Date
}

/** An account that needs no confirming mail. `null`: another account has the address. */
export async function insertEndUser(tx: ProjectTx, user: NewEndUser): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_insert',
    text: `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, password_hash, metadata, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
      on conflict (project_id, email) where email <> '' do nothing returning ${END_USER_COLUMNS}`,
    values: [user.id, user.address.normalised, user.address.typed, user.emailVerified ? user.now : null, user.passwordHash ?? null,
      JSON.stringify(user.metadata ?? {}), user.now],
  })
  return row ? toEndUser(row) : null
}

/** Replaces the password only while it is still the one that was checked; false when it changed meanwhile. */
export async function replacePassword(
  tx: ProjectTx,
  input: { userId: string; checkedHash: string | null; newHash: string; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'end_user_replace_password',
    text: `update auth.end_user set password_hash = $3, updated_at = $4
      where project_id = auth.current_project_id() and id = $1 and password_hash is not distinct from $2 returning id`,
    values: [input.userId, input.checkedHash, input.newHash, input.now],
  })
  return rows.length > 0
}

/** A password set by somebody who proved the address by a mailed token: the address is verified by the same act. */
export async function setPasswordByReset(tx: ProjectTx, input: { userId: string; newHash: string; now: Date }): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_set_password_by_reset',
    text: `update auth.end_user set password_hash = $2, email_verified_at = coalesce(email_verified_at, $3), updated_at = $3
      where project_id = auth.current_project_id() and id = $1 and disabled_at is null returning ${END_USER_COLUMNS}`,
    values: [input.userId, input.newHash, input.now],
  })
  tx.userChanged(input.userId, input.now)
  return row ? toEndUser(row) : null
}

export async function markEmailVerified(tx: ProjectTx, userId: string, now: Date): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_mark_email_verified',
    text: `update auth.end_user set email_verified_at = coalesce(email_verified_at, $2), updated_at = $2
      where project_id = auth.current_project_id() and id = $1 and disabled_at is null returning ${END_USER_COLUMNS}`,
    values: [userId, now],
  })
  tx.userChanged(userId, now)
  return row ? toEndUser(row) : null
}

/**
 * Moves the account to an address that its owner has proved. `null`: another account has it. A race for it is decided by the unique index.
 */
export async function setEmail(tx: ProjectTx, input: { userId: string; address: EmailAddress; now: Date }): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_set_email',
    text: `update auth.end_user u set email = $2, email_typed = $3, email_verified_at = $4, updated_at = $4
      where u.project_id = auth.current_project_id() and u.id = $1 and u.disabled_at is null
        and not exists (
          select 1 from auth.end_user o where o.project_id = auth.current_project_id() and o.email = $2 and o.email <> '' and o.id <> $1)
      returning ${END_USER_COLUMNS}`,
    values: [input.userId, input.address.normalised, input.address.typed, input.now],
  })
  tx.userChanged(input.userId, input.now)
  return row ? toEndUser(row) : null
}

/**
 * Leaves the account without a password until a mailed link sets one. `except`: a hash that may stay. Answers whether there was one to
 * remove.
 */
export async function clearPassword(
  tx: ProjectTx,
  { userId, except, now }: { userId: string; except: string | null; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'end_user_clear_password',
    text: `update auth.end_user set password_hash = null, updated_at = $3
      where project_id = auth.current_project_id() and id = $1 and password_hash is not null and password_hash is distinct from $2 returning id`,
    values: [userId, except, now],
  })
  return rows.length > 0
}

/** From now on no mail that was asked for earlier hands out a link, and no change of address waits. Answers whether one did. */
export async function voidWaitingMails(tx: ProjectTx, userId: string, now: Date): Promise<boolean> {
  const [before] = await tx.query<{ waiting: boolean }>({
    name: 'end_user_void_mails',
    text: `with before as (
        select pending_email is not null as waiting from auth.end_user where project_id = auth.current_project_id() and id = $1),
      voided as (
        update auth.end_user set links_void_before = $2, pending_email = null, pending_email_requested_at = null
        where project_id = auth.current_project_id() and id = $1)
      select waiting from before`,
    values: [userId, now],
  })
  return before?.waiting ?? false
}

/** Notes or forgets (`null`) the address that the account is to move to. Answers whether one was noted before. */
export async function setPendingEmail(
  tx: ProjectTx,
  { userId, address, now }: { userId: string; address: string | null; now: Date },
): Promise<boolean> {
  const [before] = await tx.query<{ waiting: boolean }>({
    name: 'end_user_set_pending_email',
    text: `with before as (
        select pending_email is not null as waiting from auth.end_user where project_id = auth.current_project_id() and id = $1),
      noted as (
        update auth.end_user set pending_email = $2, pending_email_requested_at = case when $2::text is null then null else $3::timestamptz end,
          email_change_void_before = case when $2::text is null then $3::timestamptz else email_change_void_before end
        where project_id = auth.current_project_id() and id = $1)
      select waiting from before`,
    values: [userId, address, now],
  })
  return before?.waiting ?? false
}

export async function setMetadata(
  tx: ProjectTx,
  input: { userId: string; metadata: Record<string, unknown>; now: Date },
): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_set_metadata',
    text: `update auth.end_user set metadata = $2, updated_at = $3
      where project_id = auth.current_project_id() and id = $1 returning ${END_USER_COLUMNS}`,
    values: [input.userId, JSON.stringify(input.metadata), input.now],
  })
  return row ? toEndUser(row) : null
}

/** By operators: the role of the data plane has no right to the column. */
export async function setAppMetadata(tx: ProjectTx, userId: string, appMetadata: Record<string, unknown>): Promise<void> {
  await tx.query({
    name: 'end_user_set_app_metadata',
    text: 'update auth.end_user set app_metadata = $2 where project_id = auth.current_project_id() and id = $1',
    values: [userId, JSON.stringify(appMetadata)],
  })
}

/** Writes every column that an administrator may change; a `null` hash keeps the password. */
export async function saveEndUser(tx: ProjectTx, user: EndUser, passwordHash: string | null, now: Date): Promise<EndUser> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_save',
    text: `update auth.end_user set email = $2, email_typed = $3, email_verified_at = $4, metadata = $5, app_metadata = $9, disabled_at = $6,
        password_hash = coalesce($7, password_hash), updated_at = $8
      where project_id = auth.current_project_id() and id = $1 returning ${END_USER_COLUMNS}`,
    values: [user.id, user.email, user.emailTyped, user.emailVerifiedAt, JSON.stringify(user.metadata), user.disabledAt, passwordHash, now,
      JSON.stringify(user.appMetadata)],
  })
  if (!row) throw new Error('the locked user is gone')
  tx.userChanged(user.id, now)
  return toEndUser(row)
}

/** Sessions, tokens and everything else of the user go with it. */
export async function deleteEndUser(tx: ProjectTx, userId: string, now: Date): Promise<boolean> {
  const rows = await tx.query({
    name: 'end_user_delete',
    text: 'delete from auth.end_user where project_id = auth.current_project_id() and id = $1 returning id',
    values: [userId],
  })
  tx.userChanged(userId, now)
  return rows.length > 0
}
