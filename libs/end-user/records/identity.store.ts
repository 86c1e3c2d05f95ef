import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { noteDetails } from './user-details.store.js'

/** One account of a provider that opens an account here. */
export interface Identity {
  provider: string
  subject: string
  endUserId: string
  email: string | null
  emailVerified: boolean
  profile: Record<string, unknown>
  createdAt: Date
  lastSignInAt: Date | null
}

interface Row {
  provider: string
  subject: string
  end_user_id: string
  email: string | null
  email_verified: boolean
  profile: Record<string, unknown>
  created_at: Date
  last_sign_in_at: Date | null
}

const COLUMNS = 'provider, subject, end_user_id, email, email_verified, profile, created_at, last_sign_in_at'

const toIdentity = (row: Row): Identity => ({
  provider: row.provider,
  subject: row.subject,
  endUserId: row.end_user_id,
  email: row.email,
  emailVerified: row.email_verified,
  profile: row.profile,
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
})

/**
 * The identity of this sign-in, refreshed by what the provider says now; `null` when it is linked to no account.
 * What the provider does not say any more, or could not be asked, stays as it was: Apple says the name once, and an API may refuse the
 * address today.
 */
export async function touchIdentity(tx: ProjectTx, provider: string, identity: ProvidedIdentity, now: Date): Promise<Identity | null> {
  const [row] = await tx.query<Row>({
    name: 'identity_touch',
    text: `update auth.identity set email = coalesce($3, email), email_verified = case when $3::text is null then email_verified else $4 end,
        profile = $7::jsonb || profile || $5::jsonb, last_sign_in_at = $6
      where project_id = auth.current_project_id() and provider = $1 and subject = $2 returning ${COLUMNS}`,
    values: [
      provider,
      identity.subject,
      identity.email,
      identity.emailVerified,
      JSON.stringify(identity.profile),
      now,
      JSON.stringify(identity.firstProfile ?? {}),
    ],
  })
  return row ? toIdentity(row) : null
}

/** Links it. `null`: somebody else linked it meanwhile. */
export async function insertIdentity(
  tx: ProjectTx,
  input: { provider: string; identity: ProvidedIdentity; userId: string; now: Date },
): Promise<Identity | null> {
  const { provider, identity, userId, now } = input
  await noteDetails(tx, userId)
  const [row] = await tx.query<Row>({
    name: 'identity_insert',
    text: `insert into auth.identity (project_id, provider, subject, end_user_id, email, email_verified, profile, created_at, last_sign_in_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
      on conflict (project_id, provider, subject) do nothing returning ${COLUMNS}`,
    values: [
      provider,
      identity.subject,
      userId,
      identity.email,
      identity.emailVerified,
      JSON.stringify({ ...identity.firstProfile, ...identity.profile }),
      now,
    ],
  })
  return row ? toIdentity(row) : null
}

export async function listIdentities(db: ProjectDb, project: ProjectRecord, userId: string): Promise<Identity[]> {
  const rows = await db.read<Row>(project.scope, {
    name: 'identity_list',
    text: `select ${COLUMNS} from auth.identity where project_id = auth.current_project_id() and end_user_id = $1 order by created_at, provider, subject`,
    values: [userId],
  })
  return rows.map(toIdentity)
}

/** Within a transaction that holds the user's row, so that two removals at once do not each leave the other one standing. */
export async function listIdentitiesOf(tx: ProjectTx, userId: string): Promise<Identity[]> {
  const rows = await tx.query<Row>({
    name: 'identity_list',
    text: `select ${COLUMNS} from auth.identity where project_id = auth.current_project_id() and end_user_id = $1 order by created_at, provider, subject`,
    values: [userId],
  })
  return rows.map(toIdentity)
}

export async function deleteIdentity(tx: ProjectTx, input: { userId: string; provider: string; subject: string }): Promise<void> {
  await tx.query({
    name: 'identity_delete',
    text: 'delete from auth.identity where project_id = auth.current_project_id() and provider = $1 and subject = $2 and end_user_id = $3',
    values: [input.provider, input.subject, input.userId],
  })
}

/** All identities of the user, all but one, or those linked since; answers how many went. */
export async function deleteIdentities(
  tx: ProjectTx,
  userId: string,
  { except = null, since = null }: { except?: { provider: string; subject: string } | null; since?: Date | null } = {},
): Promise<number> {
  const rows = await tx.query({
    name: 'identity_delete_all',
    text: `delete from auth.identity where project_id = auth.current_project_id() and end_user_id = $1
      and ($2::text is null or (provider, subject) <> ($2, $3)) and ($4::timestamptz is null or created_at >= $4) returning subject`,
    values: [userId, except?.provider ?? null, except?.subject ?? null, since],
  })
  return rows.length
}
