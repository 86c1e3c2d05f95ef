import type { ProjectTx } from '@portico/database/project-db'
import type { EmailAddress } from '@portico/kernel/email-address'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow } from './end-user.js'

export interface EndUserPage {
  /** Parts of a normalised address, any of which it may hold; `null` for everybody. */
  search: string[] | null
  after: { at: Date; id: string } | null
  limit: number
  offset: number
}

/** Newest first; also found when disabled. */
export async function listEndUsers(tx: ProjectTx, page: EndUserPage): Promise<EndUser[]> {
  const rows = await tx.query<EndUserRow>({
    name: 'admin_end_user_page',
    text: `select ${END_USER_COLUMNS} from auth.end_user
      where project_id = auth.current_project_id() and created_at > '-infinity'
        and ($1::text[] is null or email like any ($1))
        and ($2::timestamptz is null or created_at < $2 or (created_at = $2 and id > $3))
      order by created_at desc, id limit $4 offset $5`,
    values: [likePatterns(page.search), page.after?.at ?? null, page.after?.id ?? null, page.limit, page.offset],
  })
  return rows.map(toEndUser)
}

export async function countEndUsers(tx: ProjectTx, search: string[] | null): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'admin_end_user_count',
    text: `select count(*)::integer as count from auth.end_user where project_id = auth.current_project_id() and ($1::text[] is null or email like any ($1))`,
    values: [likePatterns(search)],
  })
  return row?.count ?? 0
}

function likePatterns(search: string[] | null): string[] | null {
  return search && search.map((part) => `%${part.replace(/[\\%_]/g, String.raw`\$&`)}%`)
}

export async function findEndUser(tx: ProjectTx, userId: string): Promise<EndUser | null> {
  const text = `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1`
  const [row] = await tx.query<EndUserRow>({ name: 'admin_end_user', text, values: [userId] })
  return row ? toEndUser(row) : null
}

/** The user, disabled or not, locked until the end of the transaction. */
export async function lockAnyEndUser(tx: ProjectTx, userId: string): Promise<EndUser | null> {
  const text = `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1 for update`
  const [row] = await tx.query<EndUserRow>({ name: 'admin_end_user_lock', text, values: [userId] })
  return row ? toEndUser(row) : null
}

export interface CreatedEndUser {
  id: string
  address: EmailAddress
  emailVerified: boolean
  passwordHash: string | null
  metadata: Record<string, unknown>
  now: Date
}

/** `null`: the address is taken. */
export async function insertEndUserByAdmin(tx: ProjectTx, user: CreatedEndUser): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'admin_end_user_insert',
    text: `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, password_hash, metadata, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
      on conflict (project_id, email) where email <> '' do nothing returning ${END_USER_COLUMNS}`,
    values: [user.id, user.address.normalised, user.address.typed, user.emailVerified ? user.now : null, user.passwordHash,
      JSON.stringify(user.metadata), user.now],
  })
  return row ? toEndUser(row) : null
}

/** Whether another account of the project has the address. */
export async function isAddressTaken(tx: ProjectTx, address: string, byOtherThan: string): Promise<boolean> {
  const text = `select 1 from auth.end_user where project_id = auth.current_project_id() and email = $1 and email <> '' and id <> $2`
  return (await tx.query({ name: 'admin_end_user_taken', text, values: [address, byOtherThan] })).length > 0
}

/** Writes every column that an administrator may change; a `null` hash keeps the password. */
export async function saveEndUser(tx: ProjectTx, user: EndUser, passwordHash: string | null, now: Date): Promise<EndUser> {
  const [row] = await tx.query<EndUserRow>({
    name: 'admin_end_user_save',
    text: `update auth.end_user set email = $2, email_typed = $3, email_verified_at = $4, metadata = $5, disabled_at = $6,
        password_hash = coalesce($7, password_hash), updated_at = $8
      where project_id = auth.current_project_id() and id = $1 returning ${END_USER_COLUMNS}`,
    values: [user.id, user.email, user.emailTyped, user.emailVerifiedAt, JSON.stringify(user.metadata), user.disabledAt, passwordHash, now],
  })
  if (!row) throw new Error('the locked user is gone')
  return toEndUser(row)
}
