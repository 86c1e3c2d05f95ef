import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'

/**
 * How many ways to sign in the user has that the project also accepts: a password, a mailed link or code, each identity, each passkey that
 * can sign in alone: made for today's relying party, discoverable (the user is not named beforehand), its person verified. Lock the user
 * first, or two removals at once may each leave the other's.
 */
export async function countWaysIn(tx: ProjectTx, project: ProjectRecord, userId: string, rpId: string | null): Promise<number> {
  const { providers } = project.settings
  const [row] = await tx.query<{ ways: number }>({
    name: 'ways_in_count',
    text: `select ((u.password_hash is not null and $2)::int
        + (select count(*) from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id and i.provider = any ($3::text[]))
        + (select count(*) from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id
            and c.rp_id = $4 and c.discoverable and c.user_verified))::int as ways
      from auth.end_user u where u.project_id = auth.current_project_id() and u.id = $1`,
    values: [userId, providers.includes('email'), providers, rpId],
  })
  const mailed = providers.filter((provider) => provider === 'magic_link' || provider === 'email_otp').length
  return (row?.ways ?? 0) + mailed
}

/**
 * Those of these users who are enabled and have a way in that needs no outside provider: a password, a passkey that signs in alone, or,
 * where mail goes out, a mailed link or code to an address that was proven.
 */
export async function listUsersWithWayIn(
  tx: ProjectTx,
  project: ProjectRecord,
  { ids, rpId, mail }: { ids: readonly string[]; rpId: string | null; mail: boolean },
): Promise<string[]> {
  const { providers } = project.settings
  const mailed = mail && (providers.includes('magic_link') || providers.includes('email_otp'))
  const rows = await tx.query<{ id: string }>({
    name: 'users_with_way_in',
    text: `select u.id from auth.end_user u
      where u.project_id = auth.current_project_id() and u.id = any ($1::uuid[]) and u.disabled_at is null
        and ((u.password_hash is not null and $2) or ($3 and u.email_verified_at is not null)
          or ($4 and exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id
            and c.rp_id = $5 and c.discoverable and c.user_verified)))`,
    values: [ids, providers.includes('email'), mailed, providers.includes('passkey'), rpId],
  })
  return rows.map(({ id }) => id)
}

/** Whether the account has a way in, or was ever signed in to. */
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
