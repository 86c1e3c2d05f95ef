import type { ProjectTx } from '@portico/database/project-db'

export async function verifiedDomains(tx: ProjectTx): Promise<string[]> {
  const rows = await tx.query<{ hostname: string }>({
    name: 'control_domain_verified',
    text: 'select hostname from auth.domain where project_id = auth.current_project_id() and verified_at is not null order by verified_at, hostname',
    values: [],
  })
  return rows.map(({ hostname }) => hostname)
}

/** What a project lets people sign in with: `providers` as set, and whom passkeys are for. */
export interface WaysIn {
  providers: readonly string[]
  rpId: string | null
}

/**
 * One of a user's own ways in, as `countWaysIn` of the end users counts them: a password, an identity whose provider is set up, a passkey
 * that can sign in alone.
 */
const hasWayIn = (providers: string, rpId: string) => `((u.password_hash is not null and 'email' = any (${providers}::text[]))
  or exists (select 1 from auth.identity i join auth.provider_config p on p.project_id = i.project_id and p.provider = i.provider
    where i.project_id = u.project_id and i.end_user_id = u.id and i.provider = any (${providers}::text[]))
  or exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id
    and c.rp_id = ${rpId} and c.discoverable and c.user_verified))`

/** Counted so far: whoever strands that many need not know how many more, and is not to wait for a million. */
export const STRANDED_BOUND = 20_000

/**
 * How many people have a way in before a change and none after it, at most `STRANDED_BOUND`. `mailed`: before it, everybody had one by
 * mail.
 */
export async function countStranded(tx: ProjectTx, before: WaysIn & { mailed: boolean }, after: WaysIn): Promise<number> {
  const [row] = await tx.query<{ people: number }>({
    name: 'people_stranded',
    text: `select count(*)::int as people from (select 1 from auth.end_user u
      where u.project_id = auth.current_project_id() and u.disabled_at is null
        and ($1::boolean or ${hasWayIn('$2', '$3')}) and not ${hasWayIn('$4', '$5')} limit $6) s`,
    values: [before.mailed, before.providers, before.rpId, after.providers, after.rpId, STRANDED_BOUND],
  })
  return row?.people ?? 0
}
