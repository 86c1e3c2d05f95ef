import type { ProjectTx } from '@portico/database/project-db'

export interface UnlinkedIdentity {
  provider: string
  subject: string
  userId: string
}

/** Remembers that this account of the provider was disconnected from this user. */
export async function rememberUnlinked(tx: ProjectTx, { provider, subject, userId }: UnlinkedIdentity, now: Date): Promise<void> {
  await tx.query({
    name: 'unlinked_identity_remember',
    text: `insert into auth.unlinked_identity (project_id, provider, subject, end_user_id, unlinked_at)
      values (auth.current_project_id(), $1, $2, $3, $4) on conflict do nothing`,
    values: [provider, subject, userId, now],
  })
}

export async function wasUnlinked(tx: ProjectTx, { provider, subject, userId }: UnlinkedIdentity): Promise<boolean> {
  const rows = await tx.query({
    name: 'unlinked_identity_find',
    text: `select 1 from auth.unlinked_identity
      where project_id = auth.current_project_id() and provider = $1 and subject = $2 and end_user_id = $3`,
    values: [provider, subject, userId],
  })
  return rows.length > 0
}

/** The user connected it again. */
export async function forgetUnlinked(tx: ProjectTx, { provider, subject, userId }: UnlinkedIdentity): Promise<void> {
  await tx.query({
    name: 'unlinked_identity_forget',
    text: 'delete from auth.unlinked_identity where project_id = auth.current_project_id() and provider = $1 and subject = $2 and end_user_id = $3',
    values: [provider, subject, userId],
  })
}
