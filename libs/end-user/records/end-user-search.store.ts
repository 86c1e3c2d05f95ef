import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow, type PendingEmail } from './end-user.js'

export interface Credential {
  userId: string
  email: string
  emailVerified: boolean
  passwordHash: string | null
  disabled: boolean
}

/** Login's first trip: what is needed to check a password. */
export async function findCredential(db: ProjectDb, project: ProjectRecord, address: string): Promise<Credential | null> {
  const [row] = await db.call<{
    id: string
    email: string
    email_verified_at: Date | null
    password_hash: string | null
    disabled_at: Date | null
  }>(project.scope, {
    name: 'credential_by_email',
    text: 'select id, email, email_verified_at, password_hash, disabled_at from auth.credential_by_email($1, $2)',
    values: [address],
  })
  if (!row) return null
  return {
    userId: row.id,
    email: row.email,
    emailVerified: row.email_verified_at !== null,
    passwordHash: row.password_hash,
    disabled: row.disabled_at !== null,
  }
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

/** The challenge that the account was signed up with; `null` when there was none. */
export async function findSignUpChallenge(db: ProjectDb, project: ProjectRecord, userId: string): Promise<string | null> {
  const [row] = await db.read<{ sign_up_challenge: string | null }>(project.scope, {
    name: 'end_user_sign_up_challenge',
    text: 'select sign_up_challenge from auth.end_user where project_id = auth.current_project_id() and id = $1',
    values: [userId],
  })
  return row?.sign_up_challenge ?? null
}

export async function findPendingEmail(tx: ProjectTx, userId: string): Promise<PendingEmail | null> {
  const [row] = await tx.query<{ pending_email: string; pending_email_requested_at: Date }>({
    name: 'end_user_pending_email',
    text: `select pending_email, pending_email_requested_at from auth.end_user
      where project_id = auth.current_project_id() and id = $1 and pending_email is not null`,
    values: [userId],
  })
  return row ? { email: row.pending_email, requestedAt: row.pending_email_requested_at } : null
}

export async function findEndUser(tx: ProjectTx, userId: string): Promise<EndUser | null> {
  const text = `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1`
  const [row] = await tx.query<EndUserRow>({ name: 'end_user_find', text, values: [userId] })
  return row ? toEndUser(row) : null
}

/** Disabled ones too; in no order. */
export async function findEndUsers(tx: ProjectTx, ids: readonly string[]): Promise<EndUser[]> {
  const text = `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = any ($1::uuid[])`
  return (await tx.query<EndUserRow>({ name: 'end_users_find', text, values: [ids] })).map(toEndUser)
}

/** Whether another account of the project has the address. */
export async function isAddressTaken(tx: ProjectTx, address: string, byOtherThan: string): Promise<boolean> {
  const text = `select 1 from auth.end_user where project_id = auth.current_project_id() and email = $1 and email <> '' and id <> $2`
  return (await tx.query({ name: 'end_user_address_taken', text, values: [address, byOtherThan] })).length > 0
}

/** Unless disabled; locked until the end of the transaction. */
export async function lockEndUser(tx: ProjectTx, userId: string): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_lock',
    text: `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1 and disabled_at is null for update`,
    values: [userId],
  })
  return row ? toEndUser(row) : null
}

/** Disabled or not; locked until the end of the transaction. */
export async function lockAnyEndUser(tx: ProjectTx, id: string): Promise<(EndUser & { hasPassword: boolean }) | null> {
  const [row] = await tx.query<EndUserRow & { has_password: boolean }>({
    name: 'end_user_lock_any',
    text: `select ${END_USER_COLUMNS}, password_hash is not null as has_password from auth.end_user
      where project_id = auth.current_project_id() and id = $1 for update`,
    values: [id],
  })
  return row ? { ...toEndUser(row), hasPassword: row.has_password } : null
}

/** By normalised address, disabled ones too; locked until the end of the transaction. */
export async function lockEndUserByEmail(tx: ProjectTx, email: string): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_lock_by_email',
    text: `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and email = $1 and email <> '' for update`,
    values: [email],
  })
  return row ? toEndUser(row) : null
}

/** The user of this identity, disabled or not; locked until the end of the transaction. */
export async function lockEndUserByIdentity(tx: ProjectTx, provider: string, subject: string): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_lock_by_identity',
    text: `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = (
        select end_user_id from auth.identity where project_id = auth.current_project_id() and provider = $1 and subject = $2)
      for update`,
    values: [provider, subject],
  })
  return row ? toEndUser(row) : null
}

/** Who a mail is for. */
export interface Recipient {
  id: string
  /** Normalised. */
  email: string
  /** As typed at sign-up: where mail goes. */
  address: string
  verified: boolean
  disabled: boolean
  /** A directory decides address, names and existence of the account. */
  managed: boolean
  /** A language tag that the user or the app has saved in the metadata. */
  savedLocale: string | null
  /** Mails that were asked for earlier carry no link any more. */
  linksVoidBefore: Date | null
  /** The same for the confirmation of a change of address. */
  emailChangeVoidBefore: Date | null
}

/** The people that a round of mails is about, as they are now. */
export interface Recipients {
  byId: ReadonlyMap<string, Recipient>
  /** By normalised address. */
  byEmail: ReadonlyMap<string, Recipient>
}

export const NO_RECIPIENTS: Recipients = { byId: new Map(), byEmail: new Map() }

interface RecipientRow {
  id: string
  email: string
  email_typed: string
  verified: boolean
  disabled: boolean
  managed: boolean
  saved_locale: string | null
  links_void_before: Date | null
  email_change_void_before: Date | null
}

/**
 * The lock makes two mails of one person, or a mail and a password change, follow each other.
 * Always in the order of the ids, so that two rounds cannot wait for each other.
 */
export async function lockRecipients(tx: ProjectTx, ids: readonly string[], emails: readonly string[]): Promise<Recipients> {
  if (ids.length + emails.length === 0) return NO_RECIPIENTS
  const rows = await tx.query<RecipientRow>({
    name: 'recipients',
    text: `select id, email, email_typed, email_verified_at is not null as verified, disabled_at is not null as disabled, links_void_before, email_change_void_before,
        coalesce(metadata->>'locale', metadata->>'lang') as saved_locale,
        exists (select 1 from auth.directory_user d where d.project_id = auth.current_project_id() and d.end_user_id = end_user.id
          and d.deleted_at is null) as managed
      from auth.end_user where project_id = auth.current_project_id() and id = any (array(
        select unnest($1::uuid[])
        union select u.id from auth.end_user u where u.project_id = auth.current_project_id() and u.email = any ($2::text[]) and u.email <> ''))
      order by id for no key update`,
    values: [ids, emails],
  })
  const found = rows.map(
    (row): Recipient => ({
      id: row.id,
      email: row.email,
      address: row.email_typed,
      verified: row.verified,
      disabled: row.disabled,
      managed: row.managed,
      savedLocale: row.saved_locale,
      linksVoidBefore: row.links_void_before,
      emailChangeVoidBefore: row.email_change_void_before,
    }),
  )
  return { byId: new Map(found.map((each) => [each.id, each])), byEmail: new Map(found.map((each) => [each.email, each])) }
}
