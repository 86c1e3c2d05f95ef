import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { EmailAddress } from '@portico/kernel/email-address'
import type { Caller } from '../caller.js'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow } from './end-user.js'
import { sessionRow, type SessionDraft } from './session-draft.js'

export interface Credential {
  userId: string
  email: string
  emailVerified: boolean
  passwordHash: string | null
  disabled: boolean
}

/** Login's first trip: what is needed to check a password. */
export async function findCredential(db: ProjectDb, project: ProjectRecord, address: string): Promise<Credential | null> {
  const [row] = await db.call<{ id: string; email: string; email_verified_at: Date | null; password_hash: string | null; disabled_at: Date | null }>(
    project.scope,
    {
      name: 'credential_by_email',
      text: 'select id, email, email_verified_at, password_hash, disabled_at from auth.credential_by_email($1, $2)',
      values: [address],
    },
  )
  if (!row) return null
  return {
    userId: row.id,
    email: row.email,
    emailVerified: row.email_verified_at !== null,
    passwordHash: row.password_hash,
    disabled: row.disabled_at !== null,
  }
}

export interface NewEndUser {
  id: string
  address: EmailAddress
  passwordHash: string
  metadata: Record<string, unknown>
  /** RFC 7636. */
  codeChallenge?: string | null
  now: Date
  caller: Caller
}

/** Account, first session, mail and audit row in one trip; see `auth.sign_up`. `null`: the address is taken. */
export async function insertEndUser(
  db: ProjectDb,
  project: ProjectRecord,
  user: NewEndUser,
  extra: { session: SessionDraft | null; confirmMailId: string | null; takenMailId: string | null },
): Promise<EndUser | null> {
  const row = JSON.stringify({
    id: user.id,
    email: user.address.normalised,
    email_typed: user.address.typed,
    password_hash: user.passwordHash,
    metadata: user.metadata,
    code_challenge: user.codeChallenge ?? null,
    now: user.now,
    ip: user.caller.ip,
    user_agent: user.caller.userAgent,
  })
  const [answer] = await db.call<{ outcome: 'created' | 'taken'; end_user: EndUserRow }>(project.scope, {
    name: 'sign_up',
    text: 'select outcome, end_user from auth.sign_up($1, $2, $3, $4, $5)',
    values: [row, extra.session && sessionRow(project, extra.session), extra.confirmMailId, extra.takenMailId],
  })
  return answer?.outcome === 'created' ? toEndUser(answer.end_user) : null
}

/** The challenge that the account was signed up with; `null` when there was none. */
export async function findSignUpChallenge(db: ProjectDb, project: ProjectRecord, userId: string): Promise<string | null> {
  const [row] = await db.read<{ sign_up_challenge: string | null }>(project.scope, {
    name: 'end_user_sign_up_challenge',
    text: 'select sign_up_challenge from auth.end_user where project_id = auth.current_project_id() and id = $1',
    values: [userId],
  })
  return row?.sign_up_challenge ?? null
}

/** The stored hash of the user's password; `null` when there is none. */
export async function findPasswordHash(db: ProjectDb, project: ProjectRecord, userId: string): Promise<string | null> {
  const [row] = await db.read<{ password_hash: string | null }>(project.scope, {
    name: 'end_user_password_hash',
    text: 'select password_hash from auth.end_user where project_id = auth.current_project_id() and id = $1',
    values: [userId],
  })
  return row?.password_hash ?? null
}

/** Replaces the password only while it is still the one that was checked; false when it changed meanwhile. */
export async function replacePassword(tx: ProjectTx, input: { userId: string; checkedHash: string | null; newHash: string; now: Date }): Promise<boolean> {
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
  return row ? toEndUser(row) : null
}

export async function markEmailVerified(tx: ProjectTx, userId: string, now: Date): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_mark_email_verified',
    text: `update auth.end_user set email_verified_at = coalesce(email_verified_at, $2), updated_at = $2
      where project_id = auth.current_project_id() and id = $1 and disabled_at is null returning ${END_USER_COLUMNS}`,
    values: [userId, now],
  })
  return row ? toEndUser(row) : null
}

/** The user, locked until the end of the transaction. */
export async function lockEndUser(tx: ProjectTx, userId: string): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_lock',
    text: `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1 and disabled_at is null for update`,
    values: [userId],
  })
  return row ? toEndUser(row) : null
}

/** Moves the account to an address that its owner has proved. `null`: another account has it. A race for it is decided by the unique index. */
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
  return row ? toEndUser(row) : null
}

/** Leaves the account without a password until a mailed link sets one. `except`: a hash that may stay. Answers whether there was one to remove. */
export async function clearPassword(tx: ProjectTx, { userId, except, now }: { userId: string; except: string | null; now: Date }): Promise<boolean> {
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
export async function setPendingEmail(tx: ProjectTx, { userId, address, now }: { userId: string; address: string | null; now: Date }): Promise<boolean> {
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

export async function setMetadata(tx: ProjectTx, input: { userId: string; metadata: Record<string, unknown>; now: Date }): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_set_metadata',
    text: `update auth.end_user set metadata = $2, updated_at = $3
      where project_id = auth.current_project_id() and id = $1 returning ${END_USER_COLUMNS}`,
    values: [input.userId, JSON.stringify(input.metadata), input.now],
  })
  return row ? toEndUser(row) : null
}

/** Sessions, tokens and everything else of the user go with it. */
export async function deleteEndUser(tx: ProjectTx, userId: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'end_user_delete',
    text: 'delete from auth.end_user where project_id = auth.current_project_id() and id = $1 returning id',
    values: [userId],
  })
  tx.sessionsEnded(userId)
  return rows.length > 0
}
