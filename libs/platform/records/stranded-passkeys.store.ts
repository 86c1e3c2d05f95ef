import type { ProjectTx } from '@portico/database/project-db'

export async function verifiedDomains(tx: ProjectTx): Promise<string[]> {
  const rows = await tx.query<{ hostname: string }>({
    name: 'control_domain_verified',
    text: 'select hostname from auth.domain where project_id = auth.current_project_id() and verified_at is not null order by created_at, hostname',
    values: [],
  })
  return rows.map(({ hostname }) => hostname)
}

/** How many people have an identity of `provider` and neither a password, another identity that is set up, nor a passkey for `rpId`. */
export async function countStrandedByProvider(
  tx: ProjectTx,
  input: { provider: string; rpId: string | null; providers: readonly string[] },
): Promise<number> {
  const [row] = await tx.query<{ people: number }>({
    name: 'provider_stranded',
    text: `select count(*)::int as people from auth.end_user u
      where u.project_id = auth.current_project_id() and u.disabled_at is null and not (u.password_hash is not null and $3)
        and exists (select 1 from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id and i.provider = $1)
        and not exists (select 1 from auth.identity i join auth.provider_config p on p.project_id = i.project_id and p.provider = i.provider
          where i.project_id = u.project_id and i.end_user_id = u.id and i.provider <> $1 and i.provider = any ($4::text[]))
        and not exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id and c.rp_id = $2)`,
    values: [input.provider, input.rpId, input.providers.includes('email'), input.providers],
  })
  return row?.people ?? 0
}

/** How many people have a passkey for `from`, none for `to`, and no password or identity that the project accepts. */
export async function countStranded(
  tx: ProjectTx,
  input: { from: string; to: string | null; providers: readonly string[] },
): Promise<number> {
  const [row] = await tx.query<{ people: number }>({
    name: 'passkeys_stranded',
    text: `select count(*)::int as people from auth.end_user u
      where u.project_id = auth.current_project_id() and u.disabled_at is null and not (u.password_hash is not null and $3)
        and exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id and c.rp_id = $1)
        and not exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id and c.rp_id = $2)
        and not exists (select 1 from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id and i.provider = any ($4::text[]))`,
    values: [input.from, input.to, input.providers.includes('email'), input.providers],
  })
  return row?.people ?? 0
}
