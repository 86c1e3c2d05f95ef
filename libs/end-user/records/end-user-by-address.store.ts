import type { ProjectTx } from '@portico/database/project-db'
import type { EmailAddress } from '@portico/kernel/email-address'
import { END_USER_COLUMNS, toEndUser, type EndUser, type EndUserRow } from './end-user.js'

/** By normalised address, disabled ones too; locked until the end of the transaction. */
export async function lockEndUserByEmail(tx: ProjectTx, email: string): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_lock_by_email',
    text: `select ${END_USER_COLUMNS} from auth.end_user where project_id = auth.current_project_id() and email = $1 and email <> '' for update`,
    values: [email],
  })
  return row ? toEndUser(row) : null
}

/** By id, disabled ones too; locked until the end of the transaction. */
export async function lockEndUserById(tx: ProjectTx, id: string): Promise<(EndUser & { hasPassword: boolean }) | null> {
  const [row] = await tx.query<EndUserRow & { has_password: boolean }>({
    name: 'end_user_lock_by_id',
    text: `select ${END_USER_COLUMNS}, password_hash is not null as has_password from auth.end_user
      where project_id = auth.current_project_id() and id = $1 for update`,
    values: [id],
  })
  return row ? { ...toEndUser(row), hasPassword: row.has_password } : null
}

/** Whoever an identity of a provider is linked to, disabled ones too; locked until the end of the transaction. */
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

/** A new account without a password. `null`: somebody else made one for this address meanwhile. */
export async function insertProvenEndUser(tx: ProjectTx, user: { id: string; address: EmailAddress; verified: boolean; now: Date }): Promise<EndUser | null> {
  const [row] = await tx.query<EndUserRow>({
    name: 'end_user_insert_proven',
    text: `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $5)
      on conflict (project_id, email) where email <> '' do nothing returning ${END_USER_COLUMNS}`,
    values: [user.id, user.address.normalised, user.address.typed, user.verified ? user.now : null, user.now],
  })
  return row ? toEndUser(row) : null
}

/** Whether anybody has set a way in up on the account, or has been in it. */
export async function isUsed(tx: ProjectTx, userId: string): Promise<boolean> {
  const [row] = await tx.query<{ used: boolean }>({
    name: 'end_user_is_used',
    text: `select u.password_hash is not null or u.last_sign_in_at is not null
        or exists (select 1 from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id)
        or exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id)
        or exists (select 1 from auth.factor f where f.project_id = u.project_id and f.end_user_id = u.id)
        or exists (select 1 from auth.session s where s.project_id = u.project_id and s.end_user_id = u.id) as used
      from auth.end_user u where u.project_id = auth.current_project_id() and u.id = $1`,
    values: [userId],
  })
  return row?.used ?? false
}
