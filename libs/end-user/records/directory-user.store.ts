import type { ProjectTx } from '@portico/database/project-db'
import {
  DIRECTORY_USER_COLUMNS,
  storedUser,
  toDirectoryUser,
  type DirectoryUser,
  type DirectoryUserRow,
} from './directory-user.js'
import type { EndUser } from './end-user.js'

/** False: somebody in the directory is called so already. */
export async function insertDirectoryUser(tx: ProjectTx, user: DirectoryUser): Promise<boolean> {
  const { userName, key, externalId, attributes, active, emails } = storedUser(user)
  const rows = await tx.query({
    name: 'directory_user_insert',
    text: `with made as (
        insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, external_id, attributes,
          active, disabled_at, created_at, updated_at)
        values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        on conflict (project_id, directory_id, user_name_key) where deleted_at is null do nothing returning end_user_id),
      addresses as (
        insert into auth.directory_user_email (project_id, end_user_id, directory_id, email_key)
        select auth.current_project_id(), made.end_user_id, $2, email from made, unnest($10::text[]) email
        on conflict do nothing)
      select end_user_id from made`,
    values: [user.id, user.directoryId, userName, key, externalId, attributes, active, user.disabledAt, user.createdAt, emails],
  })
  return rows.length > 0
}

/**
 * The next version; also of one who was deleted and is back, perhaps by way of another directory. Throws the unique violation when the
 * name is taken.
 */
export async function saveDirectoryUser(tx: ProjectTx, user: DirectoryUser): Promise<DirectoryUser> {
  const { userName, key, externalId, attributes, active, emails } = storedUser(user)
  const [row] = await tx.query<DirectoryUserRow>({
    name: 'directory_user_save',
    text: `with saved as (
        update auth.directory_user d set user_name = $2, user_name_key = $3, external_id = $4, attributes = $5, active = $6,
          disabled_at = $7, updated_at = $8, directory_id = $9, deleted_at = null, purge_at = null, version = version + 1
        where d.project_id = auth.current_project_id() and d.end_user_id = $1 returning ${DIRECTORY_USER_COLUMNS}),
      gone as (
        delete from auth.directory_user_email e
        where e.project_id = auth.current_project_id() and e.end_user_id = $1
          and (e.directory_id <> $9 or e.email_key <> all ($10::text[]))),
      addresses as (
        insert into auth.directory_user_email (project_id, end_user_id, directory_id, email_key)
        select auth.current_project_id(), $1, $9, email from unnest($10::text[]) email
        on conflict do nothing)
      select saved.* from saved`,
    values: [user.id, userName, key, externalId, attributes, active, user.disabledAt, user.updatedAt, user.directoryId, emails],
  })
  if (!row) throw new Error('the locked user is gone')
  return toDirectoryUser(row)
}

/** Nobody sees them any more; their account goes at `purgeAt`, or stays disabled. */
export async function markDirectoryUserDeleted(
  tx: ProjectTx,
  { id, disabledAt, now, purgeAt }: { id: string; disabledAt: Date | null; now: Date; purgeAt: Date | null },
): Promise<void> {
  await tx.query({
    name: 'directory_user_delete',
    text: `update auth.directory_user set active = false, disabled_at = $2, deleted_at = $3, purge_at = $4, updated_at = $3,
        version = version + 1 where project_id = auth.current_project_id() and end_user_id = $1`,
    values: [id, disabledAt, now, purgeAt],
  })
  await tx.query({
    name: 'directory_user_leave_groups',
    text: 'delete from auth.directory_group_member where project_id = auth.current_project_id() and end_user_id = $1',
    values: [id],
  })
}

/** Of this directory, not deleted; locked until the end of the transaction. */
export async function lockDirectoryUser(tx: ProjectTx, directoryId: string, id: string): Promise<DirectoryUser | null> {
  const [row] = await tx.query<DirectoryUserRow>({
    name: 'directory_user_lock',
    text: `select ${DIRECTORY_USER_COLUMNS} from auth.directory_user d
      where d.project_id = auth.current_project_id() and d.end_user_id = $2 and d.directory_id = $1 and d.deleted_at is null for update`,
    values: [directoryId, id],
  })
  return row ? toDirectoryUser(row) : null
}

/** Whoever manages the account, deleted or not. */
export async function findDirectoryUserOfAccount(tx: ProjectTx, id: string): Promise<DirectoryUser | null> {
  const [row] = await tx.query<DirectoryUserRow>({
    name: 'directory_user_of_account',
    text: `select ${DIRECTORY_USER_COLUMNS} from auth.directory_user d
      where d.project_id = auth.current_project_id() and d.end_user_id = $1`,
    values: [id],
  })
  return row ? toDirectoryUser(row) : null
}

/** By name: whoever has it now, else the last one who had it and was deleted. */
export async function findDirectoryUserByName(tx: ProjectTx, directoryId: string, userName: string): Promise<DirectoryUser | null> {
  const [row] = await tx.query<DirectoryUserRow>({
    name: 'directory_user_by_name',
    text: `select ${DIRECTORY_USER_COLUMNS} from auth.directory_user d
      where d.project_id = auth.current_project_id() and d.directory_id = $1 and d.user_name_key = $2
      order by d.deleted_at desc nulls first limit 1`,
    values: [directoryId, userName.toLowerCase()],
  })
  return row ? toDirectoryUser(row) : null
}

export async function countDirectoryUsers(tx: ProjectTx, directoryId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'directory_user_count',
    text: `select count(*)::int as count from auth.directory_user
      where project_id = auth.current_project_id() and directory_id = $1 and deleted_at is null`,
    values: [directoryId],
  })
  return row?.count ?? 0
}

/** A directory manages the account: its owner changes neither address, password nor profile, and does not delete it. */
export async function isManaged(tx: ProjectTx, userId: string): Promise<boolean> {
  const text = `select 1 from auth.directory_user where project_id = auth.current_project_id() and end_user_id = $1 and deleted_at is null`
  return (await tx.query({ name: 'directory_user_is_managed', text, values: [userId] })).length > 0
}

/** What a directory may write of an account. The unique index decides a race for an address. */
export async function saveManagedAccount(
  tx: ProjectTx,
  user: Pick<EndUser, 'id' | 'email' | 'emailTyped' | 'emailVerifiedAt' | 'metadata' | 'disabledAt'>,
  now: Date,
): Promise<void> {
  await tx.query({
    name: 'end_user_save_managed',
    text: `update auth.end_user set email = $2, email_typed = $3, email_verified_at = $4, metadata = $5, disabled_at = $6, updated_at = $7
      where project_id = auth.current_project_id() and id = $1`,
    values: [user.id, user.email, user.emailTyped, user.emailVerifiedAt, JSON.stringify(user.metadata), user.disabledAt, now],
  })
  tx.userChanged(user.id, now)
}
