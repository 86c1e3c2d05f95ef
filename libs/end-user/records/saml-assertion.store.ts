import type { ProjectTx } from '@portico/database/project-db'

/** Takes an assertion, once. False: it was taken before. */
export async function takeAssertion(
  tx: ProjectTx,
  { connectionId, digest, expiresAt }: { connectionId: string; digest: Buffer; expiresAt: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'saml_assertion_take',
    text: `insert into auth.saml_assertion (project_id, connection_id, digest, expires_at) values (auth.current_project_id(), $1, $2, $3)
      on conflict (project_id, connection_id, digest) do nothing returning digest`,
    values: [connectionId, digest, expiresAt],
  })
  return rows.length > 0
}
