import type { PlatformSql } from './platform-sql.js'

/**
 * What an API key of the project's tenant may do; `null` when there is no such key, or no more. For the data plane, which has no other
 * sight of keys.
 */
export async function backendKeyScopes(sql: PlatformSql, digest: Buffer, projectId: string, now: Date): Promise<readonly string[] | null> {
  const [row] = await sql.run<{ scopes: string[] }>({
    name: 'backend_key',
    text: 'select backend_key as scopes from auth.backend_key($1, $2, $3)',
    values: [digest, projectId, now],
  })
  return row?.scopes ?? null
}
